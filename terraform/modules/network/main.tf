# One VPC. Public subnets hold the load balancer (and nodes where there is no NAT), private subnets hold nodes,
# intra subnets hold the state and have no way out at all.

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  # checkov:skip=CKV_AWS_394: only the first zone_count are used, and AWS names a new zone by a later letter
  state = "available"

  # Local Zones are listed too once an account has opted in; EKS refuses them.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, var.zone_count)

  # /16 → private 3 × /18 (quarters 0, 1, 2); quarter 3 holds public 3 × /20 and intra 3 × /22.
  private_cidrs = [for index in range(var.zone_count) : cidrsubnet(var.cidr, 2, index)]
  public_cidrs  = [for index in range(var.zone_count) : cidrsubnet(var.cidr, 4, 12 + index)]
  intra_cidrs   = [for index in range(var.zone_count) : cidrsubnet(var.cidr, 6, 60 + index)]

  nat_count = { none = 0, single = 1, per-zone = var.zone_count }[var.nat]
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11: flow logs are a choice (flow_log_days), since they are billed by the gigabyte
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = var.endpoint_zone_count <= var.zone_count
      error_message = "endpoint_zone_count must be no more than zone_count, which is ${var.zone_count}."
    }
  }
}

# The default group would admit everything inside it; emptied, a forgotten attachment fails loudly.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-closed" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  # checkov:skip=CKV_AWS_130: nodes without a NAT reach ECR and Git through an address of their own; inbound is closed by their security group
  count = var.zone_count

  vpc_id                  = aws_vpc.this.id
  availability_zone       = local.zones[count.index]
  cidr_block              = local.public_cidrs[count.index]
  map_public_ip_on_launch = var.nat == "none"

  tags = {
    Name                     = "${var.name}-public-${local.zones[count.index]}"
    "kubernetes.io/role/elb" = "1"
  }
}

resource "aws_subnet" "private" {
  count = var.zone_count

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = local.private_cidrs[count.index]

  tags = {
    Name                              = "${var.name}-private-${local.zones[count.index]}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_subnet" "intra" {
  count = var.zone_count

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = local.intra_cidrs[count.index]

  tags = { Name = "${var.name}-intra-${local.zones[count.index]}" }
}

variable "name" {
  description = "Prefix of every resource's name, for example `shop-dev`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "cidr" {
  description = "The VPC's IPv4 range. Subnets are cut from it: per zone a quarter for private, a sixteenth for public and a sixty-fourth for intra use."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20, false)
    error_message = "cidr must be an IPv4 range from /16 to /20, for example 10.20.0.0/16: a smaller one leaves intra subnets too small for AWS (/28)."
  }

  validation {
    condition     = try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr must begin at its network address: 10.20.0.0/16, not 10.20.3.4/16."
  }
}

variable "zone_count" {
  description = "Availability zones to span: 3, or 2 where a region has no more."
  type        = number
  default     = 3

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count must be 2 or 3: EKS and the load balancer need two zones, and the subnet plan has room for three."
  }
}

variable "nat" {
  description = "How private subnets reach the internet: `none` (nodes live in public subnets, no inbound rule admits the internet), `single` (one NAT gateway, one zone's loss cuts outbound traffic) or `per-zone`."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "single", "per-zone"], var.nat)
    error_message = "nat must be none, single or per-zone."
  }
}

variable "interface_endpoints" {
  description = "AWS services to reach without leaving the VPC, each billed per zone and hour. The S3 gateway endpoint is free and always made."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_endpoints : contains(["ecr.api", "ecr.dkr", "sts", "logs", "ec2", "eks", "eks-auth", "elasticloadbalancing", "secretsmanager"], service)])
    error_message = "interface_endpoints may name ecr.api, ecr.dkr, sts, logs, ec2, eks, eks-auth, elasticloadbalancing and secretsmanager only; S3 has its free gateway endpoint already."
  }
}

variable "endpoint_zone_count" {
  description = "Zones in which interface endpoints stand. Fewer cost less; traffic from the others crosses a zone."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 3], var.endpoint_zone_count)
    error_message = "endpoint_zone_count must be 1, 2 or 3, and no more than zone_count."
  }
}

variable "flow_log_days" {
  description = "Days to keep flow logs of refused traffic; 0 for none."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.flow_log_days)
    error_message = "flow_log_days must be 0 (none) or a retention CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles made here; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be a policy's ARN, for example arn:aws:iam::123456789012:policy/shop-boundary, or null."
  }
}

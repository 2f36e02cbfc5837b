# One environment of the shop: network, cluster, registry, state, and what watches the bill.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

data "aws_partition" "current" {}

locals {
  name = "${var.name}-${var.environment}"

  # `make down` asks for what is left by the first of these.
  tags = {
    "shopfn:environment" = local.name
    "shopfn:ephemeral"   = tostring(var.ephemeral)
    "shopfn:made-by"     = "terraform"
  }
}

module "network" {
  source = "./modules/network"

  name                 = local.name
  cidr                 = var.vpc_cidr
  zone_count           = var.zone_count
  nat                  = var.nat
  interface_endpoints  = var.interface_endpoints
  endpoint_zone_count  = var.endpoint_zone_count
  flow_log_days        = var.flow_log_days
  permissions_boundary = var.permissions_boundary
}

module "cluster" {
  source = "./modules/cluster"

  name                 = local.name
  kubernetes_version   = var.kubernetes_version
  subnet_ids           = module.network.node_subnet_ids
  api_allowed_cidrs    = var.api_allowed_cidrs
  admins               = var.admins
  deployers            = var.deployers
  log_types            = var.cluster_log_types
  addons               = var.cluster_addons
  permissions_boundary = var.permissions_boundary
}

module "registry" {
  source = "./modules/registry"

  prefix       = local.name
  modules      = var.images
  force_delete = var.ephemeral
}

module "state" {
  source = "./modules/state"
  count  = var.state.kind == "none" ? 0 : 1

  name                     = local.name
  kind                     = var.state.kind
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.intra_subnet_ids
  client_security_group_id = module.cluster.security_group_id
  serverless_limits        = var.state.serverless_limits
  node_type                = var.state.node_type
  replicas                 = var.state.replicas
  snapshot_days            = var.state.snapshot_days
  secret_recovery_days     = var.ephemeral ? 0 : 7
}

module "dns" {
  source = "./modules/dns"
  count  = var.domain == null ? 0 : 1

  domain              = var.domain
  zone_id             = var.zone_id
  alternative_names   = var.alternative_names
  force_destroy       = var.ephemeral
  wait_for_validation = var.wait_for_certificate
}

module "events" {
  source = "./modules/events"
  count  = var.events ? 1 : 0

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.intra_subnet_ids
  client_security_group_id = module.cluster.security_group_id
}

module "budget" {
  source = "./modules/budget"
  count  = var.budget == null ? 0 : 1

  name                 = local.name
  monthly_limit        = var.budget.monthly_limit
  emails               = var.budget.emails
  permissions_boundary = var.permissions_boundary
  schedule             = one([for schedule in [var.budget.schedule] : merge(schedule, { shop = var.name, environment = var.environment }) if schedule != null])
}

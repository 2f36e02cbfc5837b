variable "name" {
  description = "The cache's name, and the prefix of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){0,39}$", var.name))
    error_message = "name must be at most 40 lower-case letters, digits and single hyphens, starting with a letter."
  }
}

variable "kind" {
  description = "`serverless` (billed by use, with a small floor) or `nodes` (a replication group of a size you choose)."
  type        = string
  default     = "serverless"

  validation {
    condition     = contains(["serverless", "nodes"], var.kind)
    error_message = "kind must be serverless or nodes."
  }
}

variable "vpc_id" {
  description = "The VPC in which the cache lives."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "vpc_id must be a VPC's id such as vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Subnets for the cache, two or three in different zones; ones with no way out suffice."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && length(var.subnet_ids) <= 3
    error_message = "subnet_ids must name two or three subnets in different zones: ElastiCache accepts no other number."
  }
}

variable "client_security_group_id" {
  description = "The only security group from which the cache answers: the cluster's."
  type        = string

  validation {
    condition     = can(regex("^sg-[0-9a-z]+$", var.client_security_group_id))
    error_message = "client_security_group_id must be a security group's id such as sg-0123456789abcdef0."
  }
}

variable "key_prefix" {
  description = "The shop's keys all begin with this and a colon; its user may touch no other key."
  type        = string
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.key_prefix))
    error_message = "key_prefix must be lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "serverless_limits" {
  description = "Ceilings of a serverless cache: stored gigabytes and ElastiCache processing units a second. They bound the bill."
  type = object({
    gigabytes        = number
    units_per_second = number
  })
  default = { gigabytes = 1, units_per_second = 5000 }

  validation {
    condition     = var.serverless_limits.gigabytes >= 1 && var.serverless_limits.gigabytes <= 5000
    error_message = "serverless_limits.gigabytes must lie between 1 and 5000."
  }

  validation {
    condition     = var.serverless_limits.units_per_second >= 1000 && var.serverless_limits.units_per_second <= 15000000
    error_message = "serverless_limits.units_per_second must lie between 1000 and 15000000."
  }
}

variable "node_type" {
  description = "Size of each node of kind `nodes`."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type must be an ElastiCache node type such as cache.t4g.micro."
  }
}

variable "replicas" {
  description = "Copies beside the primary, of kind `nodes`. From 1 on, a lost node or zone is survived by promotion."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 5."
  }
}

variable "snapshot_days" {
  description = "Days to keep the daily snapshot; 0 for none."
  type        = number
  default     = 1

  validation {
    condition     = var.snapshot_days >= 0 && var.snapshot_days <= 35 && floor(var.snapshot_days) == var.snapshot_days
    error_message = "snapshot_days must be a whole number from 0 (none) to 35."
  }
}

variable "secret_recovery_days" {
  description = "Days for which the deleted credentials can be brought back; 0 deletes at once, so that the name can be used again."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30 && floor(var.secret_recovery_days) == var.secret_recovery_days)
    error_message = "secret_recovery_days must be 0 or a whole number from 7 to 30: AWS knows no other waiting time."
  }
}

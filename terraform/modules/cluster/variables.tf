variable "name" {
  description = "The cluster's name, and the prefix of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes minor version, for example `1.33`. Keep to versions in standard support: extended support costs six times as much."
  type        = string

  validation {
    condition     = can(regex("^1\\.(29|3[0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version from 1.29 on, written as in 1.33 (no patch level: EKS chooses it)."
  }
}

variable "subnet_ids" {
  description = "Subnets of at least two zones, for the control plane's network interfaces and for nodes."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets, in different zones: EKS refuses fewer."
  }
}

variable "api_allowed_cidrs" {
  description = "IPv4 ranges from which the Kubernetes API answers over the internet; empty closes that way, leaving the one inside the VPC."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : can(cidrnetmask(cidr))])
    error_message = "api_allowed_cidrs must be IPv4 ranges such as 203.0.113.7/32."
  }

  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "api_allowed_cidrs must not open the Kubernetes API to the whole internet; name your own addresses, for example 203.0.113.7/32."
  }
}

variable "admins" {
  description = "ARNs of IAM users and roles that may administer the cluster through access entries."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.admins : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/.+$", arn))])
    error_message = "admins must be ARNs of IAM users or roles, for example arn:aws:iam::123456789012:role/operator (not of an assumed-role session)."
  }
}

variable "deployers" {
  description = "ARNs of IAM roles that may change what runs in the namespaces of `deployer_namespaces`, and nothing else."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.deployers : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/.+$", arn))])
    error_message = "deployers must be ARNs of IAM users or roles, for example arn:aws:iam::123456789012:role/deliver."
  }
}

variable "deployer_namespaces" {
  description = "Namespaces the deployers may edit."
  type        = set(string)
  default     = ["shop"]

  validation {
    condition     = length(var.deployer_namespaces) > 0 && alltrue([for name in var.deployer_namespaces : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", name))])
    error_message = "deployer_namespaces must name at least one Kubernetes namespace (lower-case letters, digits and hyphens)."
  }
}

variable "node_pools" {
  description = "Node pools that EKS Auto Mode keeps ready to grow from no node: `general-purpose` (x86-64) and `system`."
  type        = set(string)
  default     = ["general-purpose"]

  validation {
    condition     = length(var.node_pools) > 0 && length(setsubtract(var.node_pools, ["general-purpose", "system"])) == 0
    error_message = "node_pools may name general-purpose and system, and must name one: without any, EKS makes no default node class for pools of your own to use."
  }
}

variable "log_types" {
  description = "Control-plane logs to keep. `api`, `controllerManager` and `scheduler` are chatty, and billed by the gigabyte."
  type        = set(string)
  default     = ["audit", "authenticator"]

  validation {
    condition     = length(setsubtract(var.log_types, ["api", "audit", "authenticator", "controllerManager", "scheduler"])) == 0
    error_message = "log_types may name api, audit, authenticator, controllerManager and scheduler only."
  }
}

variable "log_days" {
  description = "Days to keep the control plane's logs."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.log_days)
    error_message = "log_days must be a retention CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365."
  }
}

variable "addons" {
  description = "EKS add-ons by name; the value is a version, or null for EKS's default. Auto Mode brings networking, DNS, storage and the Pod Identity agent itself."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, version in var.addons : can(regex("^[a-z0-9][a-z0-9_-]*$", name)) && (version == null || can(regex("^v[0-9]", version)))])
    error_message = "addons must map the name of an EKS add-on to a version such as v1.11.4-eksbuild.2, or to null for the default one."
  }
}

variable "key_deletion_days" {
  description = "Days for which a deleted encryption key can still be brought back."
  type        = number
  default     = 7

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30 && floor(var.key_deletion_days) == var.key_deletion_days
    error_message = "key_deletion_days must be a whole number from 7 to 30: AWS knows no other waiting time."
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

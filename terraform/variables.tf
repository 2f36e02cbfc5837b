# Checks that one module alone can make stand in that module; these are the choices of an environment as a whole.

variable "name" {
  description = "The shop's name, the first part of every resource's name."
  type        = string
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.name))
    error_message = "name must be 2 to 12 lower-case letters and digits, starting with a letter."
  }
}

variable "environment" {
  description = "Which environment this is, the second part of every resource's name."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lower-case letters and digits, starting with a letter, for example dev or pr42."
  }

  validation {
    condition     = !contains(["deliver", "environment", "boundary"], var.environment)
    error_message = "environment must not be deliver, environment or boundary: terraform/bootstrap names its roles so."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]$", var.region))
    error_message = "region must be an AWS region's id such as us-east-1 or eu-central-1."
  }
}

variable "ephemeral" {
  description = "An environment that comes and goes: it may be destroyed with its images, records and secret, and the nightly job does so."
  type        = bool
  default     = false
}

variable "permissions_boundary" {
  description = "The boundary that terraform/bootstrap puts out as `boundary_arn`; needed when GitHub Actions applies this."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be a policy's ARN, or null."
  }
}

variable "vpc_cidr" {
  description = "The VPC's IPv4 range, /16 to /20."
  type        = string
  default     = "10.20.0.0/16"
}

variable "zone_count" {
  description = "Availability zones to span: 2 or 3."
  type        = number
  default     = 3
}

variable "nat" {
  description = "`none`: nodes have public addresses that admit nothing from outside, and no NAT gateway is billed. `single` or `per-zone`: nodes are private."
  type        = string
  default     = "none"
}

variable "interface_endpoints" {
  description = "AWS services to reach without leaving the VPC, each billed per zone and hour, such as ecr.api, ecr.dkr, sts and logs."
  type        = set(string)
  default     = []
}

variable "endpoint_zone_count" {
  description = "Zones in which interface endpoints stand."
  type        = number
  default     = 1
}

variable "flow_log_days" {
  description = "Days to keep flow logs of refused traffic; 0 for none."
  type        = number
  default     = 0
}

variable "kubernetes_version" {
  description = "Kubernetes minor version, in standard support."
  type        = string
  default     = "1.33"
}

variable "api_allowed_cidrs" {
  description = "IPv4 ranges from which the Kubernetes API answers, such as [\"203.0.113.7/32\"] for your own address; [] for none but the VPC."
  type        = list(string)
}

variable "admins" {
  description = "ARNs of IAM users and roles that may administer the cluster; `aws sts get-caller-identity` shows your own."
  type        = set(string)
}

variable "deployers" {
  description = "ARNs of IAM roles that may change what runs in the namespace `shop`. Delivery from Git needs none."
  type        = set(string)
  default     = []
}

variable "cluster_log_types" {
  description = "Control-plane logs to keep, billed by the gigabyte."
  type        = set(string)
  default     = ["audit", "authenticator"]
}

variable "cluster_addons" {
  description = "EKS add-ons beyond what Auto Mode brings, by name; the value is a version or null."
  type        = map(string)
  default     = {}
}

variable "pod_identity" {
  description = "How pods get their AWS roles: `pod-identity`, or `irsa` where the Pod Identity agent cannot run."
  type        = string
  default     = "pod-identity"
}

variable "images" {
  description = "Images to have a repository for: the modules of functions, and `shopfn` for gateway and autoscaler."
  type        = set(string)
  default     = ["cart", "catalog", "checkout", "payments", "shopfn"]
}

variable "state" {
  description = "Valkey: `serverless`, `nodes` (with `node_type` and `replicas`), or `none` where the shop brings its own."
  type = object({
    kind              = optional(string, "serverless")
    serverless_limits = optional(object({ gigabytes = number, units_per_second = number }), { gigabytes = 1, units_per_second = 5000 })
    node_type         = optional(string, "cache.t4g.micro")
    replicas          = optional(number, 1)
    snapshot_days     = optional(number, 1)
  })
  default = {}

  validation {
    condition     = contains(["serverless", "nodes", "none"], var.state.kind)
    error_message = "state.kind must be serverless, nodes or none."
  }
}

variable "domain" {
  description = "The shop's name in DNS; null for none, and plain HTTP at the load balancer's own name."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "An existing public zone that holds the domain; null makes one."
  type        = string
  default     = null
}

variable "alternative_names" {
  description = "Further names for the certificate."
  type        = set(string)
  default     = []
}

variable "wait_for_certificate" {
  description = "Wait until the certificate is issued. Set to false for the first apply of a zone made here: it has to be delegated to first."
  type        = bool
  default     = true
}

variable "events" {
  description = "Kafka for order events. At idle it costs more than everything else together."
  type        = bool
  default     = false
}

variable "budget" {
  description = "Dollars a month, whom to tell, and what to do by the clock (see modules/budget); null for no alarm."
  type = object({
    monthly_limit = number
    emails        = set(string)
    schedule = optional(object({
      action       = string
      cron         = string
      timezone     = optional(string, "UTC")
      repository   = string
      ref          = optional(string, "main")
      state_bucket = string
      state_region = optional(string)
      policy_arns  = set(string)
    }))
  })
  default = null
}

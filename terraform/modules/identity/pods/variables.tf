variable "name" {
  description = "Prefix of the roles' names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "cluster_name" {
  description = "The EKS cluster whose pods assume the roles."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name must be an EKS cluster's name: at most 100 letters, digits, hyphens and underscores."
  }
}

variable "oidc_provider_arn" {
  description = "The cluster's identity provider in IAM, for workloads of method `irsa`."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn must be the ARN of an identity provider in IAM."
  }
}

variable "oidc_issuer" {
  description = "The cluster's token issuer without `https://`."
  type        = string

  validation {
    condition     = !startswith(var.oidc_issuer, "https://")
    error_message = "oidc_issuer must be given without https://, as IAM conditions name it."
  }
}

variable "workloads" {
  description = <<-TEXT
    Pods that need AWS rights, by a name of your choice: the ServiceAccount they run under and exactly the statements
    they need. `method` is `pod-identity` (EKS hands out credentials by association) or `irsa` (the pod's own token).
  TEXT
  type = map(object({
    namespace       = string
    service_account = string
    method          = optional(string, "pod-identity")
    statements = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for workload in values(var.workloads) : contains(["pod-identity", "irsa"], workload.method)])
    error_message = "workloads: method must be pod-identity or irsa."
  }

  validation {
    condition     = alltrue([for workload in values(var.workloads) : length(workload.statements) > 0])
    error_message = "workloads: each must state at least one right; a pod that needs none needs no role."
  }

  validation {
    condition = alltrue(flatten([
      for workload in values(var.workloads) : [
        for statement in workload.statements : [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+[*]?$", action)) && action != "*"]
      ]
    ]))
    error_message = "workloads: actions must name a service and an operation, for example route53:ListHostedZones; neither * nor service:* is accepted."
  }

  validation {
    condition = alltrue(flatten([
      for workload in values(var.workloads) : [
        for statement in workload.statements : !contains(statement.resources, "*") || alltrue([for action in statement.actions : can(regex(":(List|Describe|Get)", action))])
      ]
    ]))
    error_message = "workloads: the resource * is accepted only with List, Describe and Get operations; name the ARNs otherwise."
  }

  validation {
    condition     = length(distinct([for workload in values(var.workloads) : "${workload.namespace}/${workload.service_account}"])) == length(var.workloads)
    error_message = "workloads: each ServiceAccount may appear once; put all its statements under one name."
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

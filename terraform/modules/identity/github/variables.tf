variable "name" {
  description = "Prefix of the roles' names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "repository" {
  description = "The GitHub repository whose workflows may assume the roles, as `owner/name`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be owner/name exactly, without wildcards, for example example/shop."
  }
}

variable "branch" {
  description = "The only branch whose workflows may push images."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch must be a branch's name without wildcards, for example main."
  }
}

variable "environment" {
  description = "The GitHub environment (with its own protection rules) whose workflows may apply and destroy."
  type        = string
  default     = "aws"

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.environment))
    error_message = "environment must be a GitHub environment's name of letters, digits, dots, hyphens and underscores."
  }
}

variable "provider_arn" {
  description = "An existing identity provider for token.actions.githubusercontent.com in this account (there can be one only); null makes it."
  type        = string
  default     = null

  validation {
    condition     = var.provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.provider_arn))
    error_message = "provider_arn must be the ARN of the provider for token.actions.githubusercontent.com, or null."
  }
}

variable "resource_prefix" {
  description = "Names of the IAM roles, ECR repositories and state that the roles may touch begin with this."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.resource_prefix))
    error_message = "resource_prefix must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "state_bucket_arn" {
  description = "The bucket of Terraform's state."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]+$", var.state_bucket_arn))
    error_message = "state_bucket_arn must be a bucket's ARN, for example arn:aws:s3:::example-state."
  }
}

variable "lock_table_arn" {
  description = "The DynamoDB table that locks the state, or null where a lock file in the bucket does."
  type        = string
  default     = null

  validation {
    condition     = var.lock_table_arn == null || can(regex("^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9._-]+$", var.lock_table_arn))
    error_message = "lock_table_arn must be a DynamoDB table's ARN, or null."
  }
}

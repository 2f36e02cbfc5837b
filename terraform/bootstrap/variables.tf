variable "name" {
  description = "The shop's name, as in terraform/."
  type        = string
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.name))
    error_message = "name must be 2 to 12 lower-case letters and digits, starting with a letter."
  }
}

variable "region" {
  description = "The AWS region of the state bucket."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]$", var.region))
    error_message = "region must be an AWS region's id such as us-east-1 or eu-central-1."
  }
}

variable "state_bucket" {
  description = "The state bucket's name, unique in all of AWS; null makes one from name, account and region."
  type        = string
  default     = null

  validation {
    condition     = var.state_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be 3 to 63 lower-case letters, digits and hyphens, or null."
  }
}

variable "lock" {
  description = "What keeps two applies apart: `s3`, a lock file in the bucket (Terraform and OpenTofu 1.10 and later), or `dynamodb`, a table (earlier ones)."
  type        = string
  default     = "s3"

  validation {
    condition     = contains(["s3", "dynamodb"], var.lock)
    error_message = "lock must be s3 or dynamodb."
  }
}

variable "repository" {
  description = "The GitHub repository whose workflows deliver, as `owner/name`; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be owner/name exactly, without wildcards, for example example/shop, or null."
  }
}

variable "branch" {
  description = "The branch whose workflows may push images."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch must be a branch's name without wildcards, for example main."
  }
}

variable "github_environment" {
  description = "The GitHub environment whose workflows may apply and destroy."
  type        = string
  default     = "aws"

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.github_environment))
    error_message = "github_environment must be a GitHub environment's name of letters, digits, dots, hyphens and underscores."
  }
}

variable "github_provider_arn" {
  description = "An existing identity provider for GitHub Actions in this account; null makes it."
  type        = string
  default     = null

  validation {
    condition     = var.github_provider_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_provider_arn))
    error_message = "github_provider_arn must be the ARN of the provider for token.actions.githubusercontent.com, or null."
  }
}

variable "force_destroy" {
  description = "Let destroy delete the bucket with the state in it."
  type        = bool
  default     = false
}

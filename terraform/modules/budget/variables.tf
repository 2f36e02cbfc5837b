variable "name" {
  description = "Prefix of the names of what is made."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen."
  }
}

variable "monthly_limit" {
  description = "US dollars a month that the account should not exceed."
  type        = number

  validation {
    condition     = var.monthly_limit >= 1
    error_message = "monthly_limit must be at least 1 US dollar."
  }
}

variable "emails" {
  description = "Who is told when half, four fifths or all of the limit is spent, or when all of it is forecast to be."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0 && length(var.emails) <= 10
    error_message = "emails must name one to ten addresses: a budget that tells nobody is none, and AWS takes no more than ten."
  }

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "emails must be addresses such as ops@example.com."
  }
}

variable "schedule" {
  description = <<-TEXT
    What to do by the clock, or null for nothing. `action` is `destroy` (everything goes; data too) or `suspend` (pods and
    nodes go, the rest stays). `cron` has EventBridge's six fields, in `timezone`. The work is `make down` or `make suspend`
    from `repository` at `ref`, in CodeBuild, with the rights of `policy_arns`. `state_bucket` in `state_region` (default: the
    environment's) is where Terraform's state lies; `shop` and `environment` name what is meant.
  TEXT
  type = object({
    action       = string
    cron         = string
    timezone     = optional(string, "UTC")
    repository   = string
    ref          = optional(string, "main")
    state_bucket = string
    state_region = optional(string)
    shop         = optional(string, "shop")
    environment  = string
    policy_arns  = set(string)
  })
  default = null

  validation {
    condition     = var.schedule == null || contains(["destroy", "suspend"], try(var.schedule.action, ""))
    error_message = "schedule.action must be destroy or suspend."
  }

  validation {
    condition     = var.schedule == null || can(regex("^cron\\((\\S+ ){5}\\S+\\)$", var.schedule.cron))
    error_message = "schedule.cron must be EventBridge's form with six fields, for example cron(0 20 ? * MON-FRI *)."
  }

  validation {
    condition     = var.schedule == null || can(regex("^https://github\\.com/[\\w.-]+/[\\w.-]+\\.git$", var.schedule.repository))
    error_message = "schedule.repository must be an https address of GitHub ending in .git, for example https://github.com/example/shop.git."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$", var.schedule.timezone))
    error_message = "schedule.timezone must be a time zone's name such as UTC or Europe/Berlin."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[A-Za-z0-9._/-]+$", var.schedule.ref))
    error_message = "schedule.ref must be a branch, tag or commit, for example main."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.schedule.state_bucket))
    error_message = "schedule.state_bucket must be the bucket of Terraform's state, which terraform/bootstrap puts out as state_bucket."
  }

  validation {
    condition     = try(var.schedule.state_region, null) == null || can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]$", var.schedule.state_region))
    error_message = "schedule.state_region must be an AWS region's id such as us-east-1, or null for the environment's."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[a-z][a-z0-9]{1,11}$", var.schedule.shop))
    error_message = "schedule.shop must be 2 to 12 lower-case letters and digits, starting with a letter, for example shop."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[a-z][a-z0-9]{1,11}$", var.schedule.environment))
    error_message = "schedule.environment must be 2 to 12 lower-case letters and digits, starting with a letter, for example dev."
  }

  validation {
    condition     = var.schedule == null || try(length(var.schedule.policy_arns) > 0 && alltrue([for arn in var.schedule.policy_arns : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", arn))]), false)
    error_message = "schedule.policy_arns must name the policies that allow the action, by ARN; terraform/bootstrap puts out the one for environments."
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

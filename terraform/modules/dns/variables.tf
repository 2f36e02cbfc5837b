variable "domain" {
  description = "The shop's name in DNS, for example `shop.example.com`."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a full lower-case DNS name without a trailing dot, for example shop.example.com."
  }
}

variable "zone_id" {
  description = "An existing public Route 53 zone that holds the domain; null makes one for it, to be delegated to at the parent."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id must be a Route 53 zone id such as Z0123456789ABCDEFGHIJ, or null."
  }
}

variable "alternative_names" {
  description = "Further names the certificate covers, all within the same zone."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.alternative_names : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", name))])
    error_message = "alternative_names must be lower-case DNS names; the first label may be *."
  }
}

variable "force_destroy" {
  description = "Delete the zone even when it holds records others wrote, such as external-dns."
  type        = bool
  default     = false
}

variable "wait_for_validation" {
  description = "Wait until the certificate is issued. A zone made here must be delegated to first, or this waits in vain."
  type        = bool
  default     = true
}

variable "prefix" {
  description = "Path before each repository's name, for example `shop`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", var.prefix))
    error_message = "prefix must be lower-case letters and digits, with single dots, hyphens or underscores between them."
  }
}

variable "modules" {
  description = "Names of the images, one repository each: the modules of functions, and `shopfn` for gateway and autoscaler."
  type        = set(string)

  validation {
    condition     = length(var.modules) > 0 && alltrue([for name in var.modules : can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", name))])
    error_message = "modules must name at least one image; names are lower-case letters and digits, with single dots, hyphens or underscores between them."
  }
}

variable "keep_images" {
  description = "How many tagged images each repository keeps; this bounds how far a rollback can reach."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_images >= 2 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images must be a whole number from 2 (the running image and the one before) to 1000."
  }
}

variable "force_delete" {
  description = "Delete repositories even when they hold images: for environments that come and go."
  type        = bool
  default     = false
}

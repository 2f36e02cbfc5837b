variable "name" {
  description = "The Kafka cluster's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", var.name))
    error_message = "name must be at most 64 letters, digits and hyphens, starting with a letter or digit."
  }
}

variable "vpc_id" {
  description = "The VPC in which the cluster's network interfaces stand."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "vpc_id must be a VPC's id such as vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Subnets in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name subnets in at least two zones: MSK Serverless refuses fewer."
  }
}

variable "client_security_group_id" {
  description = "The only security group from which Kafka answers: the cluster's."
  type        = string

  validation {
    condition     = can(regex("^sg-[0-9a-z]+$", var.client_security_group_id))
    error_message = "client_security_group_id must be a security group's id such as sg-0123456789abcdef0."
  }
}

variable "topic_prefix" {
  description = "The shop's topics all begin with this."
  type        = string
  default     = "shop."

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.topic_prefix))
    error_message = "topic_prefix must be letters, digits, dots, hyphens and underscores, and not empty: its rights would reach every topic."
  }
}

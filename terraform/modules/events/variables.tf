variable "name" {
  description = "The Kafka cluster's name."
  type        = string
}

variable "vpc_id" {
  description = "The VPC in which the cluster's network interfaces stand."
  type        = string
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
}

variable "topic_prefix" {
  description = "The shop's topics all begin with this."
  type        = string
  default     = "shop."
}

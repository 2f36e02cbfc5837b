output "environment" {
  description = "Name of the environment, as in every resource's name and tag."
  value       = local.name
}

output "region" {
  description = "The AWS region."
  value       = var.region
}

output "cluster" {
  description = "The cluster's name: `aws eks update-kubeconfig --name …`."
  value       = module.cluster.name
}

output "registries" {
  description = "Where each image is pushed."
  value       = module.registry.repository_urls
}

output "valkey" {
  description = "Address, port and the secret with the credentials; null where `state.kind` is none."
  value       = one([for state in module.state : { address = state.address, port = state.port, secret_arn = state.secret_arn }])
}

output "load_balancer_ranges" {
  description = "The public subnets, where load balancers are: `shopfn render --load-balancer` takes them."
  value       = join(",", module.network.subnet_cidrs.public)
}

output "certificate_arn" {
  description = "The load balancer's certificate, or null."
  value       = one(module.dns[*].certificate_arn)
}

output "name_servers" {
  description = "Name servers to enter at the parent zone, where this made one."
  value       = flatten(module.dns[*].name_servers)

  precondition {
    condition     = var.zone_id == null || var.domain != null
    error_message = "zone_id needs domain: say which name within the zone is the shop's."
  }
}

output "kafka" {
  description = "Kafka's bootstrap brokers, or null."
  value       = one(module.events[*].bootstrap_brokers)
}

output "role_arns" {
  description = "The pods' roles."
  value       = module.pods.role_arns
}

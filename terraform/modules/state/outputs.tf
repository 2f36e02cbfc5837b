output "address" {
  description = "The cache's host name."
  value       = local.endpoint.address
}

output "port" {
  description = "The cache's port; TLS only."
  value       = local.endpoint.port
}

output "secret_arn" {
  description = "The secret that holds `username` and `password`."
  value       = aws_secretsmanager_secret.this.arn
}

output "security_group_id" {
  description = "The cache's security group."
  value       = aws_security_group.this.id
}

output "access_string" {
  description = "What the shop's user may do."
  value       = local.access_string
}

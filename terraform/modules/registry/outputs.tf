output "repository_urls" {
  description = "Where to push each image."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "repository_arns" {
  description = "Each repository's ARN, for rights limited to them."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "lifecycle_policy" {
  description = "What is expired and when, as an object."
  value       = local.lifecycle_policy
}

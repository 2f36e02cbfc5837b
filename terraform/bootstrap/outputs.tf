output "state_bucket" {
  description = "The bucket of Terraform's state: `make up STATE_BUCKET=…`, and the repository variable of that name."
  value       = aws_s3_bucket.state.bucket
}

output "region" {
  description = "The bucket's region."
  value       = var.region
}

output "lock_table" {
  description = "The table that locks the state, or null."
  value       = one(aws_dynamodb_table.lock[*].name)
}

output "deliver_role_arn" {
  description = "Repository variable `DELIVER_ROLE_ARN`."
  value       = one(module.github[*].deliver_role_arn)
}

output "environment_role_arn" {
  description = "Repository variable `ENVIRONMENT_ROLE_ARN`."
  value       = one(module.github[*].environment_role_arn)
}

output "environment_policy_arn" {
  description = "For the budget's schedule."
  value       = one(module.github[*].environment_policy_arn)
}

output "boundary_arn" {
  description = "Repository variable `PERMISSIONS_BOUNDARY`."
  value       = one(module.github[*].boundary_arn)
}

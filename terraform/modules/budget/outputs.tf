output "scheduler_policy" {
  description = "What the scheduler may do: start the one project."
  value       = local.scheduler_policy
}

output "project_arn" {
  description = "The project that runs by the clock, or null."
  value       = var.schedule == null ? null : local.project_arn
}

output "project_role_arn" {
  description = "The project's role, or null."
  value       = one(aws_iam_role.project[*].arn)
}

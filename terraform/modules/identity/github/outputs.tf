output "deliver_role_arn" {
  description = "The role that `deliver.yml` assumes."
  value       = aws_iam_role.deliver.arn
}

output "environment_role_arn" {
  description = "The role that `environment.yml` assumes."
  value       = aws_iam_role.environment.arn
}

output "environment_policy_arn" {
  description = "The policy behind it, for the schedule that destroys or suspends."
  value       = aws_iam_policy.environment.arn
}

output "trust_policies" {
  description = "Who may assume each role, as objects."
  value       = local.trust
}

output "policies" {
  description = "What each role may do, as objects."
  value       = { deliver = local.deliver_policy, environment = local.environment_policy, boundary = local.boundary_policy }
}

output "boundary_arn" {
  description = "The permissions boundary that every role of an environment must carry."
  value       = aws_iam_policy.boundary.arn
}

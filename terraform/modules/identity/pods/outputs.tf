output "role_arns" {
  description = "Each workload's role. An `irsa` workload's ServiceAccount carries it as the annotation `eks.amazonaws.com/role-arn`."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "trust_policies" {
  description = "Who may assume each role, as objects."
  value       = local.trust
}

output "policies" {
  description = "What each role may do, as objects."
  value       = local.policies
}

# What acts by the clock empties the cluster first, or sends it to sleep: it needs the rights of an admin there.

resource "aws_eks_access_entry" "clock" {
  count = try(var.budget.schedule, null) == null ? 0 : 1

  cluster_name  = module.cluster.name
  principal_arn = module.budget[0].project_role_arn
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "clock" {
  count = try(var.budget.schedule, null) == null ? 0 : 1

  cluster_name  = module.cluster.name
  principal_arn = aws_eks_access_entry.clock[0].principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

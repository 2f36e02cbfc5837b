# One role for each workload, which only that workload's ServiceAccount in this cluster can assume.

locals {
  pod_identity = { for name, workload in var.workloads : name => workload if workload.method == "pod-identity" }

  trust = {
    for name, workload in var.workloads : name => {
      Version = "2012-10-17"
      Statement = [
        workload.method == "pod-identity"
        ? {
          Effect    = "Allow"
          Principal = { Service = "pods.eks.amazonaws.com" }
          Action    = ["sts:AssumeRole", "sts:TagSession"]
          Condition = {
            StringEquals = {
              "aws:RequestTag/eks-cluster-name"           = var.cluster_name
              "aws:RequestTag/kubernetes-namespace"       = workload.namespace
              "aws:RequestTag/kubernetes-service-account" = workload.service_account
            }
          }
        }
        : {
          Effect    = "Allow"
          Principal = { Federated = var.oidc_provider_arn }
          Action    = ["sts:AssumeRoleWithWebIdentity"]
          Condition = {
            StringEquals = {
              "${var.oidc_issuer}:aud" = "sts.amazonaws.com"
              "${var.oidc_issuer}:sub" = "system:serviceaccount:${workload.namespace}:${workload.service_account}"
            }
          }
        }
      ]
    }
  }

  policies = {
    for name, workload in var.workloads : name => {
      Version = "2012-10-17"
      Statement = [
        for statement in workload.statements : merge(
          { Effect = "Allow", Action = statement.actions, Resource = statement.resources },
          length(statement.conditions) > 0 ? { Condition = statement.conditions } : {},
        )
      ]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = var.workloads

  name                 = "${var.name}-${each.key}"
  description          = "Pods of ${each.value.namespace}/${each.value.service_account} in ${var.cluster_name}"
  assume_role_policy   = jsonencode(local.trust[each.key])
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "this" {
  for_each = var.workloads

  name   = "needs"
  role   = aws_iam_role.this[each.key].id
  policy = jsonencode(local.policies[each.key])
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.pod_identity

  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.this[each.key].arn
}

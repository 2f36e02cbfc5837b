# Two roles for GitHub Actions, assumed by the workflow's own token: no key is stored anywhere.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = var.provider_arn == null ? one(aws_iam_openid_connect_provider.github[*].arn) : var.provider_arn
  account      = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition

  # Exact subjects: a pull request from a fork has another one, and so has every other branch.
  subjects = {
    deliver     = "repo:${var.repository}:ref:refs/heads/${var.branch}"
    environment = "repo:${var.repository}:environment:${var.environment}"
  }

  trust = {
    for role, subject in local.subjects : role => {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = local.provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = subject
          }
        }
      }]
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "deliver" {
  name                 = "${var.name}-deliver"
  description          = "Workflows of ${var.repository} on ${var.branch}: push images"
  assume_role_policy   = jsonencode(local.trust.deliver)
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deliver" {
  name   = "push"
  role   = aws_iam_role.deliver.id
  policy = jsonencode(local.deliver_policy)
}

resource "aws_iam_role" "environment" {
  name                 = "${var.name}-environment"
  description          = "Workflows of ${var.repository} in the environment ${var.environment}: apply and destroy"
  assume_role_policy   = jsonencode(local.trust.environment)
  max_session_duration = 7200
}

resource "aws_iam_policy" "environment" {
  # checkov:skip=CKV_AWS_286: what it may pass and attach is bounded by the prefix and the list of services in its conditions
  # checkov:skip=CKV_AWS_287: it reads only the secret that it manages, named by prefix
  # checkov:skip=CKV_AWS_288: reads of described resources are not bound to an ARN in these services
  # checkov:skip=CKV_AWS_289: rights over IAM are bound to the prefix, which excludes these two roles themselves
  # checkov:skip=CKV_AWS_290: EC2, EKS and ELB know no ARN before creation; IAM, ECR, S3 and secrets are bound to the prefix
  # checkov:skip=CKV_AWS_355: as CKV_AWS_290
  name        = "${var.name}-environment"
  description = "What terraform/ makes and destroys"
  policy      = jsonencode(local.environment_policy)
}

resource "aws_iam_role_policy_attachment" "environment" {
  role       = aws_iam_role.environment.name
  policy_arn = aws_iam_policy.environment.arn
}

resource "aws_iam_policy" "boundary" {
  # checkov:skip=CKV_AWS_286: a boundary gives no right; it bounds those that others give
  # checkov:skip=CKV_AWS_287: as CKV_AWS_286
  # checkov:skip=CKV_AWS_288: as CKV_AWS_286
  # checkov:skip=CKV_AWS_289: as CKV_AWS_286
  # checkov:skip=CKV_AWS_290: as CKV_AWS_286
  # checkov:skip=CKV_AWS_355: as CKV_AWS_286
  name        = "${var.name}-boundary"
  description = "The most that a role made by terraform/ can do"
  policy      = jsonencode(local.boundary_policy)
}

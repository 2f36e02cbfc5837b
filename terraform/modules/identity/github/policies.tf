# What each role may do. Terraform's own role must make roles, so whatever it makes has to carry a boundary: without
# one, a workflow could make an administrator and become it.

locals {
  repositories_arn = "arn:${local.partition}:ecr:*:${local.account}:repository/${var.resource_prefix}*"

  deliver_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        # The one operation of ECR that knows no resource.
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "PushImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [local.repositories_arn]
      },
    ]
  }

  # The roles of environments, such as shop-dev-node; never the roles of this module, whose names end otherwise.
  role_arns       = ["arn:${local.partition}:iam::${local.account}:role/${var.resource_prefix}-*"]
  own_role_arns   = [for role in ["deliver", "environment"] : "arn:${local.partition}:iam::${local.account}:role/${var.name}-${role}"]
  own_policy_arns = [for policy in ["environment", "boundary"] : "arn:${local.partition}:iam::${local.account}:policy/${var.name}-${policy}"]
  boundary_arn    = "arn:${local.partition}:iam::${local.account}:policy/${var.name}-boundary"

  environment_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "Platform"
          Effect = "Allow"
          Action = [
            "acm:*", "budgets:*", "codebuild:*", "ec2:*", "ecr:*", "eks:*", "elasticache:*", "elasticloadbalancing:*",
            "kafka:*", "kms:*", "logs:*", "route53:*", "scheduler:*", "tag:GetResources",
          ]
          Resource = ["*"]
        },
        {
          Sid    = "Secret"
          Effect = "Allow"
          Action = [
            "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret",
            "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
            "secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
          ]
          Resource = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:${var.resource_prefix}-*"]
        },
        {
          Sid      = "DrawPassword"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetRandomPassword"]
          Resource = ["*"]
        },
        {
          Sid    = "Roles"
          Effect = "Allow"
          Action = [
            "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:TagRole",
            "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
          ]
          Resource = local.role_arns
        },
        {
          # Rights are given only to roles that carry the boundary: none of them can give rights on.
          Sid       = "RolesWithinTheBoundary"
          Effect    = "Allow"
          Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy"]
          Resource  = local.role_arns
          Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
        },
        {
          Sid      = "PassRoles"
          Effect   = "Allow"
          Action   = ["iam:PassRole"]
          Resource = local.role_arns
          Condition = {
            StringEquals = {
              "iam:PassedToService" = [
                "codebuild.amazonaws.com", "ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com",
                "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com",
              ]
            }
          }
        },
        {
          Sid    = "ClusterIdentityProvider"
          Effect = "Allow"
          Action = [
            "iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider", "iam:GetOpenIDConnectProvider",
            "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider",
          ]
          Resource = ["arn:${local.partition}:iam::${local.account}:oidc-provider/oidc.eks.*"]
        },
        {
          Sid      = "ServiceLinkedRoles"
          Effect   = "Allow"
          Action   = ["iam:CreateServiceLinkedRole"]
          Resource = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"]
          Condition = {
            StringEquals = {
              "iam:AWSServiceName" = [
                "eks.amazonaws.com", "elasticache.amazonaws.com", "elasticloadbalancing.amazonaws.com", "kafka.amazonaws.com",
              ]
            }
          }
        },
        {
          Sid      = "StateBucket"
          Effect   = "Allow"
          Action   = ["s3:GetBucketVersioning", "s3:ListBucket"]
          Resource = [var.state_bucket_arn]
        },
        {
          Sid      = "StateObjects"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = ["${var.state_bucket_arn}/*"]
        },
        {
          # A role that could widen its own rights would need no other.
          Sid    = "NotItself"
          Effect = "Deny"
          Action = [
            "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy", "iam:PassRole", "iam:PutRolePolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
          ]
          Resource = concat(local.own_role_arns, local.own_policy_arns)
        },
      ],
      [
        for table in var.lock_table_arn == null ? [] : [var.lock_table_arn] : {
          Sid      = "StateLock"
          Effect   = "Allow"
          Action   = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"]
          Resource = [table]
        }
      ],
    )
  }

  # The most that any role of an environment can ever do: work with everything, hand out rights to nothing.
  boundary_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NothingThatGivesRights"
        Effect    = "Allow"
        NotAction = ["account:*", "iam:*", "organizations:*"]
        Resource  = "*"
      },
      {
        # What EKS does for its nodes, and what `destroy` by the clock does to roles.
        Sid    = "NodesAndDestroy"
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:CreateServiceLinkedRole", "iam:DeleteInstanceProfile",
          "iam:DeleteOpenIDConnectProvider", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetInstanceProfile",
          "iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies", "iam:ListInstanceProfiles", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
          "iam:PassRole", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
        ]
        Resource = "*"
      },
      {
        Sid      = "NotTheWorkflows"
        Effect   = "Deny"
        Action   = ["iam:*"]
        Resource = concat(local.own_role_arns, local.own_policy_arns)
      },
    ]
  }
}

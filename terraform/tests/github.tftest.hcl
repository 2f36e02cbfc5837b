mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "shop"
  repository       = "example/shop"
  resource_prefix  = "shop"
  state_bucket_arn = "arn:aws:s3:::shop-state"
}

run "only_this_repository_branch_and_environment" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  assert {
    condition = jsondecode(aws_iam_role.deliver.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:example/shop:ref:refs/heads/main"
          }
        }
      }]
    }
    error_message = "deliver must be closed to forks, pull requests and other branches"
  }

  assert {
    condition     = output.trust_policies.environment.Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/shop:environment:aws"
    error_message = "environment must be open to the protected GitHub environment alone"
  }
}

run "deliver_may_push_and_nothing_else" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  assert {
    condition     = alltrue(flatten([for statement in output.policies.deliver.Statement : [for action in statement.Action : startswith(action, "ecr:")]]))
    error_message = "deliver has rights outside the registry"
  }

  assert {
    condition     = alltrue([for statement in output.policies.deliver.Statement : statement.Resource == ["arn:aws:ecr:*:123456789012:repository/shop*"] || statement.Action == ["ecr:GetAuthorizationToken"]])
    error_message = "deliver has rights over other repositories"
  }

  assert {
    condition     = !anytrue(flatten([for statement in output.policies.deliver.Statement : [for action in statement.Action : strcontains(action, "Delete") || strcontains(action, "*")]]))
    error_message = "deliver must not be able to delete images"
  }
}

run "environment_cannot_widen_its_own_rights" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  assert {
    condition = alltrue([
      for statement in output.policies.environment.Statement :
      try(statement.Condition.StringEquals["iam:PermissionsBoundary"], "") == "arn:aws:iam::123456789012:policy/shop-boundary"
      if statement.Effect == "Allow" && length(setintersection(statement.Action, ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:*", "*"])) > 0
    ])
    error_message = "rights may be given only to roles that carry the boundary"
  }

  assert {
    condition = alltrue([
      for statement in output.policies.environment.Statement :
      !contains(statement.Action, "iam:DeleteRolePermissionsBoundary") && !contains(statement.Action, "iam:PutRolePermissionsBoundary")
      if statement.Effect == "Allow"
    ])
    error_message = "a boundary, once there, must not be taken away"
  }

  assert {
    condition = contains([
      for statement in output.policies.environment.Statement : toset(statement.Resource) if statement.Effect == "Deny"
      ], toset([
        "arn:aws:iam::123456789012:role/shop-deliver", "arn:aws:iam::123456789012:role/shop-environment",
        "arn:aws:iam::123456789012:policy/shop-environment", "arn:aws:iam::123456789012:policy/shop-boundary",
    ]))
    error_message = "its own roles and policies must be denied to it"
  }

  assert {
    condition = alltrue([
      for statement in output.policies.environment.Statement :
      length(setintersection(["iam:PassedToService"], keys(try(statement.Condition.StringEquals, {})))) == 1
      if statement.Effect == "Allow" && contains(statement.Action, "iam:PassRole")
    ])
    error_message = "roles may be passed to the services that need them only"
  }

  assert {
    condition     = !anytrue([for statement in output.policies.environment.Statement : contains(statement.Action, "*") || contains(statement.Action, "s3:*") || contains(statement.Action, "iam:*")])
    error_message = "no right over everything"
  }
}

run "policies_fit_into_what_iam_takes" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  variables {
    lock_table_arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/shop-state-123456789012-us-east-1-lock"
  }

  assert {
    condition     = alltrue([for name in ["environment", "boundary"] : length(jsonencode(output.policies[name])) <= 6144])
    error_message = "a managed policy holds 6144 characters: ${jsonencode({ for name, policy in output.policies : name => length(jsonencode(policy)) })}"
  }
}

run "the_boundary_gives_no_rights_on" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  assert {
    condition     = output.policies.boundary.Statement[0].NotAction == ["account:*", "iam:*", "organizations:*"]
    error_message = "IAM must lie outside what the boundary admits"
  }

  assert {
    condition     = length(setintersection(output.policies.boundary.Statement[1].Action, ["iam:AttachRolePolicy", "iam:CreateRole", "iam:CreatePolicy", "iam:PutRolePolicy", "iam:CreateUser", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy"])) == 0
    error_message = "nothing that gives rights may be admitted"
  }
}

run "an_existing_provider_is_used" {
  command = apply

  module {
    source = "./modules/identity/github"
  }

  variables {
    provider_arn   = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    lock_table_arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/lock"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "an account can hold one provider only"
  }

  assert {
    condition     = contains([for statement in output.policies.environment.Statement : statement.Sid], "StateLock")
    error_message = "the lock table must be usable"
  }
}

run "refuses_a_wildcard_repository" {
  command = plan

  module {
    source = "./modules/identity/github"
  }

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}

run "refuses_a_wildcard_branch" {
  command = plan

  module {
    source = "./modules/identity/github"
  }

  variables {
    branch = "*"
  }

  expect_failures = [var.branch]
}

run "refuses_a_bucket_name_for_an_arn" {
  command = plan

  module {
    source = "./modules/identity/github"
  }

  variables {
    state_bucket_arn = "shop-state"
  }

  expect_failures = [var.state_bucket_arn]
}

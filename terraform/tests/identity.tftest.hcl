mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name              = "shop-test"
  cluster_name      = "shop-test"
  oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"
  oidc_issuer       = "oidc.eks.eu-central-1.amazonaws.com/id/ABC"
}

run "pod_identity_trusts_one_service_account_of_one_cluster" {
  command = apply

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      publish = {
        namespace       = "shop"
        service_account = "publish-events"
        statements      = [{ actions = ["kafka-cluster:Connect"], resources = ["arn:aws:kafka:eu-central-1:123456789012:cluster/shop/1"] }]
      }
    }
  }

  assert {
    condition = jsondecode(aws_iam_role.this["publish"].assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-name"           = "shop-test"
            "aws:RequestTag/kubernetes-namespace"       = "shop"
            "aws:RequestTag/kubernetes-service-account" = "publish-events"
          }
        }
      }]
    }
    error_message = "any other pod must be refused the role: ${aws_iam_role.this["publish"].assume_role_policy}"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this["publish"].policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["kafka-cluster:Connect"]
        Resource = ["arn:aws:kafka:eu-central-1:123456789012:cluster/shop/1"]
      }]
    }
    error_message = "the policy must state what was asked and nothing more: ${aws_iam_role_policy.this["publish"].policy}"
  }

  assert {
    condition     = aws_eks_pod_identity_association.this["publish"].service_account == "publish-events" && aws_eks_pod_identity_association.this["publish"].namespace == "shop"
    error_message = "EKS must be told which ServiceAccount gets the role"
  }
}

run "irsa_trusts_one_subject_and_audience" {
  command = apply

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      dns = {
        namespace       = "external-dns"
        service_account = "external-dns"
        method          = "irsa"
        statements = [{
          actions    = ["route53:ChangeResourceRecordSets"]
          resources  = ["arn:aws:route53:::hostedzone/Z1"]
          conditions = { "ForAllValues:StringEquals" = { "route53:ChangeResourceRecordSetsRecordTypes" = ["A", "TXT"] } }
        }]
      }
    }
  }

  assert {
    condition = jsondecode(aws_iam_role.this["dns"].assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC" }
        Action    = ["sts:AssumeRoleWithWebIdentity"]
        Condition = {
          StringEquals = {
            "oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud" = "sts.amazonaws.com"
            "oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub" = "system:serviceaccount:external-dns:external-dns"
          }
        }
      }]
    }
    error_message = "any other token must be refused the role: ${aws_iam_role.this["dns"].assume_role_policy}"
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0
    error_message = "irsa needs no association"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this["dns"].policy).Statement[0].Condition == { "ForAllValues:StringEquals" = { "route53:ChangeResourceRecordSetsRecordTypes" = ["A", "TXT"] } }
    error_message = "conditions must reach the policy"
  }
}

run "refuses_a_star" {
  command = plan

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      greedy = {
        namespace       = "shop"
        service_account = "greedy"
        statements      = [{ actions = ["s3:*"], resources = ["arn:aws:s3:::bucket"] }]
      }
    }
  }

  expect_failures = [var.workloads]
}

run "refuses_writes_everywhere" {
  command = plan

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      greedy = {
        namespace       = "shop"
        service_account = "greedy"
        statements      = [{ actions = ["s3:PutObject"], resources = ["*"] }]
      }
    }
  }

  expect_failures = [var.workloads]
}

run "refuses_an_unknown_method_and_no_rights" {
  command = plan

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      odd = { namespace = "shop", service_account = "odd", method = "keys", statements = [] }
    }
  }

  expect_failures = [var.workloads]
}

run "refuses_one_account_twice" {
  command = plan

  module {
    source = "./modules/identity/pods"
  }

  variables {
    workloads = {
      one = { namespace = "shop", service_account = "same", statements = [{ actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-central-1:123456789012:q"] }] }
      two = { namespace = "shop", service_account = "same", statements = [{ actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-central-1:123456789012:r"] }] }
    }
  }

  expect_failures = [var.workloads]
}

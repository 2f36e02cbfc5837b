mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "shop-test"
  kubernetes_version = "1.33"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  api_allowed_cidrs  = ["203.0.113.7/32"]
}

run "nodes_go_to_zero" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this.compute_config[0].enabled && aws_eks_cluster.this.storage_config[0].block_storage[0].enabled && aws_eks_cluster.this.kubernetes_network_config[0].elastic_load_balancing[0].enabled
    error_message = "Auto Mode is compute, storage and load balancing, or EKS refuses it"
  }

  assert {
    condition     = aws_eks_cluster.this.compute_config[0].node_pools == toset(["general-purpose"])
    error_message = "no pool may be kept that always has a node"
  }

  assert {
    condition     = aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "extended support must never be entered unasked"
  }
}

run "the_api_is_limited_and_its_secrets_are_encrypted" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.7/32"])
    error_message = "the API must answer the given addresses only"
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.secrets.arn && aws_kms_key.secrets.enable_key_rotation
    error_message = "secrets must be encrypted by the cluster's own, rotating key"
  }

  assert {
    condition     = !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions && aws_eks_cluster.this.access_config[0].authentication_mode == "API"
    error_message = "every right must stand in an access entry"
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["audit", "authenticator"]) && aws_cloudwatch_log_group.control_plane.name == "/aws/eks/shop-test/cluster"
    error_message = "audit logs must go to the group that expires"
  }
}

run "no_address_closes_the_public_endpoint" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  variables {
    api_allowed_cidrs = []
  }

  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "with no address named, only the VPC may reach the API"
  }
}

run "roles_hold_exactly_the_policies_of_auto_mode" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  variables {
    permissions_boundary = "arn:aws:iam::123456789012:policy/shop-boundary"
  }

  assert {
    condition = toset([for attachment in aws_iam_role_policy_attachment.cluster : attachment.policy_arn]) == toset([
      "arn:aws:iam::aws:policy/AmazonEKSBlockStoragePolicy",
      "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
      "arn:aws:iam::aws:policy/AmazonEKSComputePolicy",
      "arn:aws:iam::aws:policy/AmazonEKSLoadBalancingPolicy",
      "arn:aws:iam::aws:policy/AmazonEKSNetworkingPolicy",
    ])
    error_message = "the cluster's role has more or less than Auto Mode needs"
  }

  assert {
    condition = toset([for attachment in aws_iam_role_policy_attachment.node : attachment.policy_arn]) == toset([
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    ])
    error_message = "a node may pull images and register, nothing else"
  }

  assert {
    condition = jsondecode(aws_iam_role.cluster.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
      }]
    }
    error_message = "only EKS may assume the cluster's role"
  }

  assert {
    condition     = aws_iam_role.cluster.permissions_boundary == var.permissions_boundary && aws_iam_role.node.permissions_boundary == var.permissions_boundary
    error_message = "both roles must carry the boundary"
  }
}

run "admins_everywhere_deployers_in_their_namespace" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  variables {
    admins    = ["arn:aws:iam::123456789012:role/operator"]
    deployers = ["arn:aws:iam::123456789012:role/deliver"]
  }

  assert {
    condition     = one(values(aws_eks_access_policy_association.admin)).policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" && one(values(aws_eks_access_policy_association.admin)).access_scope[0].type == "cluster"
    error_message = "an admin administers the cluster"
  }

  assert {
    condition     = one(values(aws_eks_access_policy_association.deployer)).policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy" && one(values(aws_eks_access_policy_association.deployer)).access_scope[0].namespaces == toset(["shop"])
    error_message = "a deployer edits its namespace alone"
  }
}

run "refuses_the_whole_internet" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    api_allowed_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_allowed_cidrs]
}

run "refuses_an_address_without_a_length" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    api_allowed_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.api_allowed_cidrs]
}

run "refuses_a_patch_version" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    kubernetes_version = "1.33.2"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_a_session_as_admin" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    admins = ["arn:aws:sts::123456789012:assumed-role/operator/me"]
  }

  expect_failures = [var.admins]
}

run "refuses_an_arn_twice" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    admins    = ["arn:aws:iam::123456789012:role/one"]
    deployers = ["arn:aws:iam::123456789012:role/one"]
  }

  expect_failures = [aws_eks_cluster.this]
}

run "refuses_no_pool_at_all" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    node_pools = []
  }

  expect_failures = [var.node_pools]
}

run "refuses_one_subnet_and_an_unknown_log" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    subnet_ids = ["subnet-a"]
    log_types  = ["kubelet"]
    log_days   = 2
  }

  expect_failures = [var.subnet_ids, var.log_types, var.log_days]
}

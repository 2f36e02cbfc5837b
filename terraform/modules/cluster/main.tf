# An EKS cluster in Auto Mode: AWS runs the node autoscaler, the load-balancer controller, DNS and storage outside
# the nodes, so that a cluster in which no pod runs has no node either.

data "aws_partition" "current" {}

resource "aws_kms_key" "secrets" {
  # checkov:skip=CKV2_AWS_64: the default key policy (the account's IAM decides) is what is wanted
  description             = "Envelope encryption of Kubernetes secrets of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_days
}

# Made before the cluster: EKS would make one that never expires and outlives the cluster.
resource "aws_cloudwatch_log_group" "control_plane" {
  # checkov:skip=CKV_AWS_158: encrypted by CloudWatch's own key; a customer key adds a monthly fee and no further reader
  # checkov:skip=CKV_AWS_338: how long to keep them is the caller's choice
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_days
}

resource "aws_eks_cluster" "this" {
  # checkov:skip=CKV_AWS_37: which control-plane logs to pay for is the caller's choice (log_types)
  # checkov:skip=CKV_AWS_38: the ranges come from api_allowed_cidrs, which refuses 0.0.0.0/0
  # checkov:skip=CKV_AWS_39: public access is on only where api_allowed_cidrs names ranges
  name                          = var.name
  version                       = var.kubernetes_version
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = var.log_types
  bootstrap_self_managed_addons = false

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  compute_config {
    enabled       = true
    node_pools    = var.node_pools
    node_role_arn = aws_iam_role.node.arn
  }

  kubernetes_network_config {
    elastic_load_balancing {
      enabled = true
    }
  }

  storage_config {
    block_storage {
      enabled = true
    }
  }

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = length(var.api_allowed_cidrs) > 0
    public_access_cidrs     = length(var.api_allowed_cidrs) > 0 ? var.api_allowed_cidrs : null
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }

  # Extended support would raise the price sixfold without asking.
  upgrade_policy {
    support_type = "STANDARD"
  }

  lifecycle {
    precondition {
      condition     = length(setintersection(var.deployers, var.admins)) == 0
      error_message = "deployers must not repeat an ARN of admins: EKS keeps one access entry for each."
    }
  }

  depends_on = [
    aws_cloudwatch_log_group.control_plane,
    aws_iam_role_policy_attachment.cluster,
    aws_iam_role_policy_attachment.node,
  ]
}

resource "aws_eks_addon" "this" {
  for_each = var.addons

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
}

# For roles that pods assume by a projected token (IRSA); Pod Identity needs none.
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]

  tags = { Name = "${var.name}-irsa" }
}

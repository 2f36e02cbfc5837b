# The shop's user. The password is drawn once by AWS; `make bootstrap` carries it into the cluster.

data "aws_secretsmanager_random_password" "initial" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV_AWS_149: encrypted by Secrets Manager's own key; a customer key adds a monthly fee and no further reader
  # checkov:skip=CKV2_AWS_57: rotation needs the pods to follow; docs/operations.md says how it is done by hand
  name                    = "${var.name}/valkey"
  description             = "User and password of the shop's Valkey"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id
  secret_string = jsonencode({
    username = local.user_name
    password = data.aws_secretsmanager_random_password.initial.random_password
  })

  # The data source draws anew at every plan; only the first draw counts.
  lifecycle {
    ignore_changes = [secret_string]
  }
}

locals {
  user_name = "${var.name}-shop"
}

resource "aws_elasticache_user" "shop" {
  user_id       = local.user_name
  user_name     = local.user_name
  engine        = "valkey"
  access_string = local.access_string

  authentication_mode {
    type      = "password"
    passwords = [jsondecode(aws_secretsmanager_secret_version.this.secret_string).password]
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = "${var.name}-shop"
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.shop.user_id]
}

# Valkey on ElastiCache: TLS always, a user limited to the shop's keys, reachable from the cluster's pods alone.

locals {
  serverless = var.kind == "serverless"

  # No administration, no command that walks or wipes the whole keyspace.
  access_string = "on ~${var.key_prefix}:* &${var.key_prefix}:* +@all -@admin -@dangerous"

  endpoint = local.serverless ? {
    address = one(aws_elasticache_serverless_cache.this[*].endpoint[0].address)
    port    = one(aws_elasticache_serverless_cache.this[*].endpoint[0].port)
    } : {
    address = one(aws_elasticache_replication_group.this[*].primary_endpoint_address)
    port    = 6379
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-valkey"
  description = "Valkey, for pods of the cluster"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-valkey" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Valkey over TLS from the cluster"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  # Serverless answers reads from replicas on the next port.
  to_port = local.serverless ? 6380 : 6379
}

resource "aws_elasticache_serverless_cache" "this" {
  count = local.serverless ? 1 : 0

  name                     = var.name
  description              = "State of the shop"
  engine                   = "valkey"
  major_engine_version     = "8"
  subnet_ids               = var.subnet_ids
  security_group_ids       = [aws_security_group.this.id]
  user_group_id            = aws_elasticache_user_group.this.user_group_id
  snapshot_retention_limit = var.snapshot_days
  daily_snapshot_time      = var.snapshot_days > 0 ? "03:00" : null

  cache_usage_limits {
    data_storage {
      maximum = var.serverless_limits.gigabytes
      unit    = "GB"
    }

    ecpu_per_second {
      maximum = var.serverless_limits.units_per_second
    }
  }
}

resource "aws_elasticache_subnet_group" "this" {
  count = local.serverless ? 0 : 1

  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  count = local.serverless ? 0 : 1

  name        = "${var.name}-orders-stay"
  family      = "valkey8"
  description = "A full cache refuses writes rather than dropping orders"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_replication_group" "this" {
  # checkov:skip=CKV_AWS_31: clients authenticate as a user of the user group, which replaces the single shared token
  # checkov:skip=CKV_AWS_191: encrypted at rest by AWS's key; a customer key adds a monthly fee and no further reader
  # checkov:skip=CKV2_AWS_50: on wherever there is a replica to fail over to
  count = local.serverless ? 0 : 1

  replication_group_id       = var.name
  description                = "State of the shop"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.node_type
  num_cache_clusters         = 1 + var.replicas
  automatic_failover_enabled = var.replicas > 0
  multi_az_enabled           = var.replicas > 0
  port                       = 6379
  parameter_group_name       = aws_elasticache_parameter_group.this[0].name
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.this.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  snapshot_retention_limit   = var.snapshot_days
  snapshot_window            = var.snapshot_days > 0 ? "03:00-04:00" : null
  maintenance_window         = "sun:04:30-sun:05:30"
  apply_immediately          = true
}

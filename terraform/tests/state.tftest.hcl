mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                     = "shop-test"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  client_security_group_id = "sg-cluster"
}

run "serverless_is_bounded_and_closed" {
  command = apply

  module {
    source = "./modules/state"
  }

  assert {
    condition     = aws_elasticache_serverless_cache.this[0].engine == "valkey" && length(aws_elasticache_replication_group.this) == 0
    error_message = "serverless makes a serverless cache and no nodes"
  }

  assert {
    condition     = aws_elasticache_serverless_cache.this[0].cache_usage_limits[0].data_storage[0].maximum == 1 && aws_elasticache_serverless_cache.this[0].cache_usage_limits[0].ecpu_per_second[0].maximum == 5000
    error_message = "without ceilings a loop could spend without end"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-cluster" && aws_vpc_security_group_ingress_rule.clients.cidr_ipv4 == null
    error_message = "only the cluster may reach the cache"
  }

  assert {
    condition     = aws_elasticache_serverless_cache.this[0].user_group_id == aws_elasticache_user_group.this.user_group_id
    error_message = "nobody may enter without the shop's user"
  }
}

run "the_user_touches_the_shops_keys_alone" {
  command = apply

  module {
    source = "./modules/state"
  }

  assert {
    condition     = aws_elasticache_user.shop.access_string == "on ~shop:* &shop:* +@all -@admin -@dangerous"
    error_message = "the user's rights have changed: ${aws_elasticache_user.shop.access_string}"
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset([aws_elasticache_user.shop.user_id])
    error_message = "the group must hold the shop's user alone: the default user would enter without a password"
  }

  assert {
    condition     = aws_elasticache_user.shop.authentication_mode[0].type == "password" && tolist(aws_elasticache_user.shop.authentication_mode[0].passwords)[0] == jsondecode(aws_secretsmanager_secret_version.this.secret_string).password
    error_message = "the user's password must be the secret's"
  }
}

run "nodes_speak_tls_and_never_drop_an_order" {
  command = apply

  module {
    source = "./modules/state"
  }

  variables {
    kind     = "nodes"
    replicas = 2
  }

  assert {
    condition     = aws_elasticache_replication_group.this[0].transit_encryption_enabled && tobool(aws_elasticache_replication_group.this[0].at_rest_encryption_enabled)
    error_message = "encrypted on the wire and at rest"
  }

  assert {
    condition     = one(aws_elasticache_parameter_group.this[0].parameter).name == "maxmemory-policy" && one(aws_elasticache_parameter_group.this[0].parameter).value == "noeviction"
    error_message = "a full cache must refuse, not forget"
  }

  assert {
    condition     = aws_elasticache_replication_group.this[0].num_cache_clusters == 3 && aws_elasticache_replication_group.this[0].multi_az_enabled && aws_elasticache_replication_group.this[0].automatic_failover_enabled
    error_message = "with replicas, a lost zone must be survived"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.from_port == 6379 && aws_vpc_security_group_ingress_rule.clients.to_port == 6379
    error_message = "only Valkey's port"
  }
}

run "one_node_cannot_fail_over" {
  command = apply

  module {
    source = "./modules/state"
  }

  variables {
    kind          = "nodes"
    replicas      = 0
    snapshot_days = 0
  }

  assert {
    condition     = aws_elasticache_replication_group.this[0].num_cache_clusters == 1 && !aws_elasticache_replication_group.this[0].multi_az_enabled && !aws_elasticache_replication_group.this[0].automatic_failover_enabled
    error_message = "ElastiCache refuses failover with nothing to fail over to"
  }
}

run "refuses_an_unknown_kind" {
  command = plan

  module {
    source = "./modules/state"
  }

  variables {
    kind = "redis"
  }

  expect_failures = [var.kind]
}

run "refuses_limits_below_what_elasticache_knows" {
  command = plan

  module {
    source = "./modules/state"
  }

  variables {
    serverless_limits = { gigabytes = 0, units_per_second = 10 }
  }

  expect_failures = [var.serverless_limits]
}

run "refuses_a_secret_kept_for_two_days" {
  command = plan

  module {
    source = "./modules/state"
  }

  variables {
    secret_recovery_days = 2
  }

  expect_failures = [var.secret_recovery_days]
}

run "refuses_an_instance_type_for_a_node_type" {
  command = plan

  module {
    source = "./modules/state"
  }

  variables {
    node_type  = "t4g.micro"
    replicas   = 1.5
    subnet_ids = ["subnet-a"]
    name       = "Shop"
    key_prefix = "*"
  }

  expect_failures = [var.node_type, var.replicas, var.subnet_ids, var.name, var.key_prefix]
}

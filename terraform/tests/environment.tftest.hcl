# The root configuration: that the modules fit together, and what the defaults cost.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  api_allowed_cidrs = ["203.0.113.7/32"]
  admins            = ["arn:aws:iam::123456789012:role/operator"]
}

run "the_default_bills_for_nothing_it_could_do_without" {
  command = apply

  assert {
    condition     = length(module.events) == 0 && length(module.dns) == 0 && length(module.budget) == 0
    error_message = "Kafka, DNS and the budget are off unless asked for"
  }

  assert {
    condition     = module.network.node_subnet_ids == module.network.public_subnet_ids
    error_message = "no NAT gateway by default"
  }

  assert {
    condition     = output.environment == "shop-dev" && output.cluster == "shop-dev" && length(output.role_arns) == 0
    error_message = "names come from shop and dev, and no pod has AWS rights by default"
  }

  assert {
    condition     = toset(keys(output.registries)) == toset(["cart", "catalog", "checkout", "payments", "shopfn"])
    error_message = "a repository for each image"
  }

  assert {
    condition     = output.load_balancer_ranges == "10.20.192.0/20,10.20.208.0/20,10.20.224.0/20"
    error_message = "what k8s/ lets load balancers in from by default"
  }
}

run "a_full_environment_fits_together" {
  command = apply

  variables {
    environment          = "prod"
    nat                  = "per-zone"
    interface_endpoints  = ["ecr.api", "ecr.dkr", "sts", "logs"]
    endpoint_zone_count  = 3
    domain               = "shop.example.com"
    events               = true
    state                = { kind = "nodes", node_type = "cache.m7g.large", replicas = 2, snapshot_days = 7 }
    permissions_boundary = "arn:aws:iam::123456789012:policy/shop-boundary"
    budget = {
      monthly_limit = 500
      emails        = ["ops@example.com"]
      schedule = {
        action       = "suspend"
        cron         = "cron(0 20 ? * * *)"
        repository   = "https://github.com/example/shop.git"
        state_bucket = "shop-state"
        policy_arns  = ["arn:aws:iam::123456789012:policy/shop-environment"]
      }
    }
  }

  assert {
    condition     = toset(keys(output.role_arns)) == toset(["external-dns", "publish-events"])
    error_message = "external-dns and the publisher have roles, nobody else"
  }

  assert {
    condition     = jsonencode(module.pods.policies["external-dns"].Statement[0]) == jsonencode({ Effect = "Allow", Action = ["route53:ChangeResourceRecordSets"], Resource = [module.dns[0].zone_arn] })
    error_message = "external-dns may change its own zone alone"
  }

  assert {
    condition     = module.pods.policies["publish-events"].Statement[1].Resource == tolist(["arn:aws:kafka:eu-central-1:123456789012:topic/shop-dev/0123-4567/shop.*"])
    error_message = "the publisher writes the shop's topics alone"
  }

  assert {
    condition     = module.network.node_subnet_ids == module.network.private_subnet_ids
    error_message = "behind a NAT, nodes are private"
  }

  assert {
    condition     = aws_eks_access_entry.clock[0].principal_arn == module.budget[0].project_role_arn
    error_message = "what suspends by the clock must be let in"
  }
}

run "the_shop_brings_its_own_state" {
  command = apply

  variables {
    state = { kind = "none" }
    # An alarm without a clock.
    budget = { monthly_limit = 50, emails = ["ops@example.com"] }
  }

  assert {
    condition     = length(aws_eks_access_entry.clock) == 0 && module.budget[0].project_arn == null
    error_message = "nothing acts by the clock unless asked for"
  }

  assert {
    condition     = length(module.state) == 0 && output.valkey == null
    error_message = "no cache may be made"
  }
}

run "refuses_names_that_aws_would_refuse_late" {
  command = plan

  variables {
    name        = "The-Shop"
    environment = "production-of-the-shop"
    region      = "frankfurt"
  }

  expect_failures = [var.name, var.environment, var.region]
}

run "refuses_an_environment_named_like_a_role" {
  command = plan

  variables {
    environment = "deliver"
  }

  expect_failures = [var.environment]
}

run "refuses_a_zone_without_a_domain" {
  command = plan

  variables {
    zone_id = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [output.name_servers]
}

run "refuses_an_unknown_state" {
  command = plan

  variables {
    state = { kind = "memcached" }
  }

  expect_failures = [var.state]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan

  variables {
    permissions_boundary = "shop-boundary"
  }

  expect_failures = [var.permissions_boundary]
}

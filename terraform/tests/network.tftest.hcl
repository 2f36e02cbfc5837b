mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name = "shop-test"
  cidr = "10.20.0.0/16"
}

run "cuts_subnets_of_a_16" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = output.zones == tolist(["eu-central-1a", "eu-central-1b", "eu-central-1c"])
    error_message = "three zones were asked for, in AWS's order"
  }

  assert {
    condition = output.subnet_cidrs == {
      private = ["10.20.0.0/18", "10.20.64.0/18", "10.20.128.0/18"]
      public  = ["10.20.192.0/20", "10.20.208.0/20", "10.20.224.0/20"]
      intra   = ["10.20.240.0/22", "10.20.244.0/22", "10.20.248.0/22"]
    }
    error_message = "subnets do not lie where the plan says: ${jsonencode(output.subnet_cidrs)}"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && length(aws_eip.nat) == 0
    error_message = "nat none must bill for no gateway and no address"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch])
    error_message = "without NAT, nodes need addresses of their own"
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && aws_vpc_endpoint.s3.service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "by default only the free S3 endpoint is made"
  }

  assert {
    condition     = length(aws_flow_log.rejected) == 0
    error_message = "flow logs are off by default"
  }
}

run "cuts_subnets_of_a_20_in_two_zones" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr       = "192.168.16.0/20"
    zone_count = 2
  }

  assert {
    condition = output.subnet_cidrs == {
      private = ["192.168.16.0/22", "192.168.20.0/22"]
      public  = ["192.168.28.0/24", "192.168.29.0/24"]
      intra   = ["192.168.31.0/26", "192.168.31.64/26"]
    }
    error_message = "subnets do not lie where the plan says: ${jsonencode(output.subnet_cidrs)}"
  }
}

run "single_nat_serves_every_zone" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    nat = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3
    error_message = "one gateway, a route from each zone"
  }

  assert {
    condition     = alltrue([for route in aws_route.nat : route.nat_gateway_id == aws_nat_gateway.this[0].id])
    error_message = "every zone's route must lead to the one gateway"
  }

  assert {
    condition     = output.node_subnet_ids == output.private_subnet_ids
    error_message = "behind a NAT, nodes belong into private subnets"
  }

  assert {
    condition     = !anytrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch])
    error_message = "behind a NAT, nothing is given a public address unasked"
  }
}

run "nat_per_zone_keeps_zones_apart" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    nat = "per-zone"
  }

  assert {
    condition     = length(distinct([for route in aws_route.nat : route.nat_gateway_id])) == 3
    error_message = "each zone's route must lead to its own gateway"
  }
}

run "endpoints_stand_in_as_many_zones_as_asked" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    interface_endpoints = ["ecr.api", "ecr.dkr", "sts", "logs"]
    endpoint_zone_count = 2
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "sts", "logs"])
    error_message = "one endpoint for each service"
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : length(endpoint.subnet_ids) == 2])
    error_message = "two zones were asked for"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443
    error_message = "only HTTPS from within the VPC"
  }
}

run "flow_logs_write_to_their_own_group" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    flow_log_days = 14
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.flow[0].policy).Statement[0].Resource == ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
    error_message = "the role may write to its log group alone"
  }
}

run "intra_subnets_have_no_way_out" {
  command = apply

  module {
    source = "./modules/network"
  }

  assert {
    condition     = aws_route.internet.route_table_id == aws_route_table.public.id && aws_route_table.public.id != aws_route_table.intra.id
    error_message = "only the public table leads to the internet"
  }

  assert {
    condition     = !contains(aws_vpc_endpoint.s3.route_table_ids, aws_route_table.intra.id)
    error_message = "intra subnets reach nothing, S3 included"
  }
}

run "refuses_a_range_too_small" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.0.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_range_that_begins_in_the_middle" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.20.3.4/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_ipv6_and_nonsense" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "fd00::/16"
  }

  expect_failures = [var.cidr]
}

run "refuses_one_zone" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "refuses_an_unknown_nat" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    nat = "two"
  }

  expect_failures = [var.nat]
}

run "refuses_an_unknown_endpoint" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    interface_endpoints = ["s3"]
  }

  expect_failures = [var.interface_endpoints]
}

run "refuses_more_endpoint_zones_than_zones" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zone_count          = 2
    endpoint_zone_count = 3
  }

  expect_failures = [aws_vpc.this]
}

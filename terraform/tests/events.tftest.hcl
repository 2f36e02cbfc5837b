mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                     = "shop-dev"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b"]
  client_security_group_id = "sg-cluster"
}

run "only_iam_only_from_the_cluster" {
  command = apply

  module {
    source = "./modules/events"
  }

  assert {
    condition     = aws_msk_serverless_cluster.this.client_authentication[0].sasl[0].iam[0].enabled
    error_message = "IAM is the only way in"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.from_port == 9098 && aws_vpc_security_group_ingress_rule.clients.to_port == 9098 && aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-cluster"
    error_message = "only the cluster may connect, to the IAM port"
  }
}

run "a_publisher_writes_the_shops_topics_alone" {
  command = apply

  module {
    source = "./modules/events"
  }

  assert {
    condition     = output.publisher_statements[1].resources == ["arn:aws:kafka:eu-central-1:123456789012:topic/shop-dev/0123-4567/shop.*"]
    error_message = "topics of others are none of its business: ${jsonencode(output.publisher_statements)}"
  }

  assert {
    condition     = !anytrue(flatten([for statement in output.publisher_statements : [for action in statement.actions : strcontains(action, "Read") || strcontains(action, "Delete") || strcontains(action, "*")]]))
    error_message = "a publisher does not read or delete"
  }
}

run "refuses_one_zone" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

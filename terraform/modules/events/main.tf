# Kafka for order events, as MSK Serverless with IAM as its only way in. By far the dearest part at idle: off by default.

resource "aws_security_group" "this" {
  # checkov:skip=CKV2_AWS_5: attached to the MSK cluster below, which the check does not know
  name        = "${var.name}-kafka"
  description = "Kafka, for pods of the cluster"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-kafka" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Kafka with IAM over TLS from the cluster"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 9098
  to_port                      = 9098
}

resource "aws_msk_serverless_cluster" "this" {
  cluster_name = var.name

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  client_authentication {
    sasl {
      iam {
        enabled = true
      }
    }
  }
}

locals {
  # arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/ID → the same with topic and the topics' prefix.
  topics_arn = "${replace(aws_msk_serverless_cluster.this.arn, ":cluster/", ":topic/")}/${var.topic_prefix}*"

  publisher_statements = [
    {
      actions   = ["kafka-cluster:Connect"]
      resources = [aws_msk_serverless_cluster.this.arn]
    },
    {
      actions   = ["kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]
      resources = [local.topics_arn]
    },
  ]
}

# Refused traffic, kept for as long as asked.

resource "aws_cloudwatch_log_group" "flow" {
  # checkov:skip=CKV_AWS_158: metadata of refused connections; a key of its own would cost more than the log
  # checkov:skip=CKV_AWS_338: how long to keep them is the caller's choice
  count = var.flow_log_days > 0 ? 1 : 0

  name              = "/aws/vpc/${var.name}/flow"
  retention_in_days = var.flow_log_days
}

resource "aws_iam_role" "flow" {
  count = var.flow_log_days > 0 ? 1 : 0

  name                 = "${var.name}-flow-logs"
  assume_role_policy   = jsonencode(local.flow_trust)
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "flow" {
  count = var.flow_log_days > 0 ? 1 : 0

  name   = "write"
  role   = aws_iam_role.flow[0].id
  policy = jsonencode(local.flow_policy)
}

resource "aws_flow_log" "rejected" {
  count = var.flow_log_days > 0 ? 1 : 0

  vpc_id          = aws_vpc.this.id
  traffic_type    = "REJECT"
  iam_role_arn    = aws_iam_role.flow[0].arn
  log_destination = aws_cloudwatch_log_group.flow[0].arn

  tags = { Name = var.name }
}

locals {
  flow_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  }

  flow_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = [for group in aws_cloudwatch_log_group.flow : "${group.arn}:*"]
    }]
  }
}

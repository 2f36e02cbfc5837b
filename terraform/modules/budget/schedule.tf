# By the clock: a scheduler that starts one CodeBuild project, which runs what an operator would run by hand.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  scheduled = var.schedule == null ? 0 : 1

  project_name = "${var.name}-by-the-clock"
  project_arn  = "arn:${data.aws_partition.current.partition}:codebuild:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:project/${local.project_name}"
  log_group    = "/aws/codebuild/${local.project_name}"

  # Arguments, not text pasted into a shell: the project's environment carries them.
  buildspec = {
    version = "0.2"
    env     = { variables = { CONFIRM = "yes", OPEN_API = "yes", KEEP_CLOCK = "yes" } }
    phases = {
      install = { commands = ["scripts/platform/install-tools.sh terraform kubectl"] }
      build   = { commands = ["make \"$ACTION\" CLUSTER=\"$SHOP_NAME-$ENVIRONMENT\""] }
    }
  }

  scheduler_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  }

  scheduler_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "codebuild:StartBuild"
      Resource = local.project_arn
    }]
  }

  project_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceArn" = local.project_arn } }
    }]
  }

  project_policy = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for group in aws_cloudwatch_log_group.project : "${group.arn}:*"]
    }]
  }
}

resource "aws_cloudwatch_log_group" "project" {
  # checkov:skip=CKV_AWS_158: what Terraform prints, secrets masked; CloudWatch's own key is enough
  # checkov:skip=CKV_AWS_338: a month answers what happened last night
  count = local.scheduled

  name              = local.log_group
  retention_in_days = 30
}

resource "aws_iam_role" "project" {
  count = local.scheduled

  name                 = local.project_name
  assume_role_policy   = jsonencode(local.project_trust)
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "project" {
  count = local.scheduled

  name   = "logs"
  role   = aws_iam_role.project[0].id
  policy = jsonencode(local.project_policy)
}

resource "aws_iam_role_policy_attachment" "project" {
  for_each = var.schedule == null ? toset([]) : var.schedule.policy_arns

  role       = aws_iam_role.project[0].name
  policy_arn = each.key
}

resource "aws_codebuild_project" "this" {
  # checkov:skip=CKV_AWS_147: it makes no artifact that could be encrypted
  # checkov:skip=CKV_AWS_316: not privileged
  count = local.scheduled

  name           = local.project_name
  description    = "Runs make ${var.schedule.action == "destroy" ? "down" : "suspend"} for ${var.schedule.environment}"
  service_role   = aws_iam_role.project[0].arn
  build_timeout  = 60
  source_version = var.schedule.ref

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    type         = "LINUX_CONTAINER"

    environment_variable {
      name  = "ACTION"
      value = var.schedule.action == "destroy" ? "down" : "suspend"
    }

    environment_variable {
      name  = "SHOP_NAME"
      value = var.schedule.shop
    }

    environment_variable {
      name  = "ENVIRONMENT"
      value = var.schedule.environment
    }

    environment_variable {
      name  = "STATE_BUCKET"
      value = var.schedule.state_bucket
    }

    environment_variable {
      name  = "STATE_REGION"
      value = coalesce(var.schedule.state_region, data.aws_region.current.name)
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.project[0].name
    }
  }

  source {
    type            = "GITHUB"
    location        = var.schedule.repository
    git_clone_depth = 1
    buildspec       = jsonencode(local.buildspec)
  }
}

resource "aws_iam_role" "scheduler" {
  count = local.scheduled

  name                 = "${var.name}-scheduler"
  assume_role_policy   = jsonencode(local.scheduler_trust)
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "scheduler" {
  count = local.scheduled

  name   = "start"
  role   = aws_iam_role.scheduler[0].id
  policy = jsonencode(local.scheduler_policy)
}

resource "aws_scheduler_schedule" "this" {
  # checkov:skip=CKV_AWS_297: the schedule's input names the project and nothing secret
  count = local.scheduled

  name                         = local.project_name
  schedule_expression          = var.schedule.cron
  schedule_expression_timezone = var.schedule.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.project_arn
    role_arn = aws_iam_role.scheduler[0].arn

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }
  }
}

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name          = "shop-test"
  monthly_limit = 150
  emails        = ["ops@example.com"]
}

run "tells_before_the_money_is_gone" {
  command = apply

  module {
    source = "./modules/budget"
  }

  assert {
    condition     = aws_budgets_budget.this.limit_amount == "150.00" && aws_budgets_budget.this.limit_unit == "USD" && aws_budgets_budget.this.time_unit == "MONTHLY"
    error_message = "150 dollars a month"
  }

  assert {
    condition = toset([for notice in aws_budgets_budget.this.notification : "${notice.notification_type} ${notice.threshold}"]) == toset([
      "ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100",
    ])
    error_message = "half, four fifths, all, and all as forecast"
  }

  assert {
    condition     = length(aws_scheduler_schedule.this) == 0 && length(aws_codebuild_project.this) == 0
    error_message = "nothing is destroyed by the clock unless asked for"
  }
}

run "destroys_by_the_clock" {
  command = apply

  module {
    source = "./modules/budget"
  }

  variables {
    schedule = {
      action       = "destroy"
      cron         = "cron(0 20 ? * MON-FRI *)"
      timezone     = "Europe/Berlin"
      repository   = "https://github.com/example/shop.git"
      state_bucket = "shop-state"
      environment  = "dev"
      policy_arns  = ["arn:aws:iam::123456789012:policy/shop-environment"]
    }
  }

  assert {
    condition     = aws_scheduler_schedule.this[0].schedule_expression_timezone == "Europe/Berlin" && aws_scheduler_schedule.this[0].target[0].arn == output.project_arn
    error_message = "the clock must start the project, in its own time zone"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.scheduler[0].policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = "codebuild:StartBuild"
        Resource = "arn:aws:codebuild:eu-central-1:123456789012:project/shop-test-by-the-clock"
      }]
    }
    error_message = "the scheduler may start this project and nothing else"
  }

  assert {
    condition = { for variable in aws_codebuild_project.this[0].environment[0].environment_variable : variable.name => variable.value } == {
      ACTION = "down", SHOP_NAME = "shop", ENVIRONMENT = "dev", STATE_BUCKET = "shop-state", STATE_REGION = "eu-central-1"
    }
    error_message = "destroy is make down of this environment"
  }

  assert {
    condition     = jsondecode(aws_codebuild_project.this[0].source[0].buildspec).env.variables.KEEP_CLOCK == "yes"
    error_message = "what is destroyed by the clock must not saw off the role it works with"
  }

  assert {
    condition     = !strcontains(aws_codebuild_project.this[0].source[0].buildspec, "$${")
    error_message = "nothing may be left uninterpolated in the buildspec"
  }
}

run "suspends_by_the_clock" {
  command = apply

  module {
    source = "./modules/budget"
  }

  variables {
    schedule = {
      action       = "suspend"
      cron         = "cron(0 20 ? * * *)"
      repository   = "https://github.com/example/shop.git"
      state_bucket = "shop-state"
      environment  = "dev"
      policy_arns  = ["arn:aws:iam::123456789012:policy/shop-environment"]
    }
  }

  assert {
    condition     = contains([for variable in aws_codebuild_project.this[0].environment[0].environment_variable : "${variable.name}=${variable.value}"], "ACTION=suspend")
    error_message = "suspend is make suspend"
  }
}

run "refuses_a_budget_that_tells_nobody" {
  command = plan

  module {
    source = "./modules/budget"
  }

  variables {
    emails        = []
    monthly_limit = 0
  }

  expect_failures = [var.emails, var.monthly_limit]
}

run "refuses_a_crontab_line_and_an_unknown_action" {
  command = plan

  module {
    source = "./modules/budget"
  }

  variables {
    schedule = {
      action       = "pause"
      cron         = "0 20 * * 1-5"
      repository   = "git@github.com:example/shop"
      state_bucket = "shop-state"
      environment  = "dev"
      policy_arns  = []
    }
  }

  expect_failures = [var.schedule]
}

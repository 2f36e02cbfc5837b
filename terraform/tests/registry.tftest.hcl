mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  prefix  = "shop-test"
  modules = ["catalog", "cart", "shopfn"]
}

run "one_repository_each_whose_tags_never_move" {
  command = apply

  module {
    source = "./modules/registry"
  }

  assert {
    condition     = toset([for repository in aws_ecr_repository.this : repository.name]) == toset(["shop-test/catalog", "shop-test/cart", "shop-test/shopfn"])
    error_message = "one repository for each image"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete])
    error_message = "tags must not move, pushes must be scanned, and images must not vanish with an environment that stays"
  }

  assert {
    condition     = alltrue([for policy in aws_ecr_lifecycle_policy.this : jsondecode(policy.policy).rules[1].selection.countNumber == 30])
    error_message = "thirty images are kept unless told otherwise"
  }

  assert {
    condition     = length(distinct([for rule in output.lifecycle_policy.rules : rule.rulePriority])) == length(output.lifecycle_policy.rules)
    error_message = "ECR refuses two rules of one priority"
  }
}

run "refuses_a_name_with_capitals" {
  command = plan

  module {
    source = "./modules/registry"
  }

  variables {
    modules = ["Catalog"]
  }

  expect_failures = [var.modules]
}

run "refuses_to_keep_too_few" {
  command = plan

  module {
    source = "./modules/registry"
  }

  variables {
    keep_images = 1
  }

  expect_failures = [var.keep_images]
}

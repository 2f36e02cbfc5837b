# One repository for each image. A tag, once pushed, never changes its meaning; deployments name digests anyway.

locals {
  lifecycle_policy = {
    rules = [
      {
        rulePriority = 1
        description  = "Layers of broken pushes"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Beyond what a rollback needs"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = var.keep_images
        }
        action = { type = "expire" }
      },
    ]
  }
}

resource "aws_ecr_repository" "this" {
  # checkov:skip=CKV_AWS_136: images are built from this public repository and hold no secret; AES-256 at rest is enough
  for_each = var.modules

  name                 = "${var.prefix}/${each.key}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = var.modules

  repository = aws_ecr_repository.this[each.key].name
  policy     = jsonencode(local.lifecycle_policy)
}

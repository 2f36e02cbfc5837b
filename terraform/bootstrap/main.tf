# Applied once for an account, by hand: where Terraform keeps its state, and the roles that GitHub Actions assumes.

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      "shopfn:environment" = "${var.name}-bootstrap"
      "shopfn:made-by"     = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}

locals {
  bucket = coalesce(var.state_bucket, "${var.name}-state-${data.aws_caller_identity.current.account_id}-${var.region}")
}

resource "aws_s3_bucket" "state" {
  # checkov:skip=CKV_AWS_18: who touched the state stands in CloudTrail; access logs would need a second bucket
  # checkov:skip=CKV_AWS_144: the state describes one region's resources, and versions guard against mistakes
  # checkov:skip=CKV_AWS_145: encrypted with AWS's key; a customer key adds a monthly fee, and readers are limited by IAM
  # checkov:skip=CKV2_AWS_62: nobody waits for an event of the state bucket
  bucket        = local.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = jsonencode(local.bucket_policy)

  depends_on = [aws_s3_bucket_public_access_block.state]
}

locals {
  bucket_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  }
}

resource "aws_dynamodb_table" "lock" {
  # checkov:skip=CKV_AWS_28: it holds locks of minutes, nothing worth bringing back
  # checkov:skip=CKV_AWS_119: it holds the names of locks, nothing secret
  # checkov:skip=CKV2_AWS_16: billed by request, there is no capacity to scale
  count = var.lock == "dynamodb" ? 1 : 0

  name         = "${local.bucket}-lock"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }
}

module "github" {
  source = "../modules/identity/github"
  count  = var.repository == null ? 0 : 1

  name             = var.name
  repository       = var.repository
  branch           = var.branch
  environment      = var.github_environment
  provider_arn     = var.github_provider_arn
  resource_prefix  = var.name
  state_bucket_arn = aws_s3_bucket.state.arn
  lock_table_arn   = one(aws_dynamodb_table.lock[*].arn)
}

mock_provider "aws" {
  source = "../tests/mocks"
}

run "the_bucket_is_private_versioned_and_tls_only" {
  command = apply

  assert {
    condition     = aws_s3_bucket.state.bucket == "shop-state-123456789012-us-east-1" && !aws_s3_bucket.state.force_destroy
    error_message = "the bucket's name comes from name, account and region, and state must not vanish with a destroy"
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "a spoilt state must be one version away from a good one"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy && aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "all four ways to the public must be closed"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false" && jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Effect == "Deny"
    error_message = "plain HTTP must be denied"
  }

  assert {
    condition     = output.deliver_role_arn == null && output.lock_table == null
    error_message = "no repository, no role; a lock file, no table"
  }
}

run "github_and_a_lock_table_on_request" {
  command = apply

  variables {
    repository = "example/shop"
    lock       = "dynamodb"
  }

  assert {
    condition     = output.lock_table == "shop-state-123456789012-us-east-1-lock" && aws_dynamodb_table.lock[0].hash_key == "LockID"
    error_message = "Terraform's lock table has the key LockID"
  }

  assert {
    condition     = output.deliver_role_arn != null && output.environment_role_arn != null && output.boundary_arn != null
    error_message = "both roles and the boundary"
  }
}

run "refuses_an_unknown_lock_and_a_bucket_with_capitals" {
  command = plan

  variables {
    lock         = "file"
    state_bucket = "Shop_State"
  }

  expect_failures = [var.lock, var.state_bucket]
}

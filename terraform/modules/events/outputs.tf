output "bootstrap_brokers" {
  description = "Where clients connect first, with SASL/IAM over TLS."
  value       = aws_msk_serverless_cluster.this.bootstrap_brokers_sasl_iam
}

output "arn" {
  description = "The Kafka cluster's ARN."
  value       = aws_msk_serverless_cluster.this.arn
}

output "publisher_statements" {
  description = "What a publisher of order events needs: connecting, and writing the shop's topics."
  value       = local.publisher_statements
}

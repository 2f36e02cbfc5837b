output "zone_id" {
  description = "The zone that holds the domain."
  value       = local.zone_id
}

output "zone_arn" {
  description = "The zone's ARN, for rights limited to it."
  value       = "arn:${data.aws_partition.current.partition}:route53:::hostedzone/${local.zone_id}"
}

output "name_servers" {
  description = "The zone's name servers, to be entered at the parent; empty where the zone existed before."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}

output "certificate_arn" {
  description = "The certificate, issued if `wait_for_validation`."
  value       = var.wait_for_validation ? one(aws_acm_certificate_validation.this[*].certificate_arn) : aws_acm_certificate.this.arn
}

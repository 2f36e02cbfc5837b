# A public zone, and a certificate that proves itself through it.

locals {
  zone_id = var.zone_id == null ? one(aws_route53_zone.this[*].zone_id) : var.zone_id

  # A name and its wildcard share one validation record.
  validated_names = toset([for name in concat([var.domain], tolist(var.alternative_names)) : trimprefix(name, "*.")])
  validation_options = {
    for option in aws_acm_certificate.this.domain_validation_options : trimprefix(option.domain_name, "*.") => option...
  }
}

resource "aws_route53_zone" "this" {
  # checkov:skip=CKV2_AWS_38: DNSSEC signing needs a key in KMS and a record at the registrar; docs/operations.md says how
  # checkov:skip=CKV2_AWS_39: query logs of a public zone are billed by the gigabyte and name the resolvers of customers
  count = var.zone_id == null ? 1 : 0

  name          = var.domain
  comment       = "The shop's names"
  force_destroy = var.force_destroy
}

resource "aws_acm_certificate" "this" {
  domain_name               = var.domain
  subject_alternative_names = var.alternative_names
  validation_method         = "DNS"

  # A listener holds the old certificate until the new one is there.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.validated_names

  zone_id         = local.zone_id
  name            = local.validation_options[each.key][0].resource_record_name
  type            = local.validation_options[each.key][0].resource_record_type
  records         = [local.validation_options[each.key][0].resource_record_value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = var.wait_for_validation ? 1 : 0

  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

data "aws_partition" "current" {}

output "vpc_id" {
  description = "The VPC's id."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "The VPC's IPv4 range."
  value       = aws_vpc.this.cidr_block
}

output "zones" {
  description = "The availability zones in use, in the order of the subnets."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Subnets with a route to the internet gateway."
  value       = aws_subnet.public[*].id
}

output "private_subnet_ids" {
  description = "Subnets whose only way out is the NAT gateway, if there is one."
  value       = aws_subnet.private[*].id
}

output "intra_subnet_ids" {
  description = "Subnets with no way out."
  value       = aws_subnet.intra[*].id
}

output "node_subnet_ids" {
  description = "Where nodes belong: private subnets behind a NAT gateway, else the public ones."
  value       = var.nat == "none" ? aws_subnet.public[*].id : aws_subnet.private[*].id
}

output "subnet_cidrs" {
  description = "Every subnet's range by its use."
  value = {
    public  = local.public_cidrs
    private = local.private_cidrs
    intra   = local.intra_cidrs
  }
}

internal import Valkey

/// What changes the catalogue, each script in one slot.
enum CatalogScripts {
    /// Takes up a product of a seed unless the same or a newer seed did; its stock only if it never had any.
    ///
    /// Keys: product, stock. Arguments: version, prefix, tag, name, price, currency, weight, stock.
    static let product = ValkeyScript(
        """
        local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
        if known < tonumber(ARGV[1]) then
            redis.call('HSET', KEYS[1], 'version', ARGV[1], 'prefix', ARGV[2], 'tag', ARGV[3], 'name', ARGV[4],
                'price', ARGV[5], 'currency', ARGV[6], 'weight', ARGV[7])
        end
        if redis.call('HSETNX', KEYS[2], 'initial', ARGV[8]) == 1 then
            redis.call('HSET', KEYS[2], 'available', ARGV[8], 'reserved', '0', 'sold', '0')
        end
        return 1
        """
    )

    /// Publishes a seed's document unless the same or a newer seed was published.
    ///
    /// Keys: catalog. Arguments: version, document. Returns the version that is published.
    static let publish = ValkeyScript(
        """
        local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
        if known >= tonumber(ARGV[1]) then return known end
        redis.call('HSET', KEYS[1], 'version', ARGV[1], 'document', ARGV[2])
        return tonumber(ARGV[1])
        """
    )
}

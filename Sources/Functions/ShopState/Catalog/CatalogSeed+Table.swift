extension CatalogSeed {
    /// One product a line: id, name, price in cents, stock, weight in grams, categories, description.
    static let table = """
        alder-desk-lamp|Alder Desk Lamp|4900|120|1450|lighting,office|A lamp of oiled alder with a shade that turns all the way round.
        amber-glass-carafe|Amber Glass Carafe|2800|80|900|kitchen,tableware|Mouth-blown carafe for water or wine; holds a litre and pours without a drip.
        anchor-tote-bag|Anchor Tote Bag|1900|300|320|accessories,travel|Heavy canvas, rope handles and room for a week of vegetables.
        aurora-night-light|Aurora Night Light|2200|150|260|lighting,children|Throws slow green and violet waves on the ceiling until you fall asleep.
        bamboo-cutting-board|Bamboo Cutting Board|2400|220|1200|kitchen|Two sides, a groove for juices and feet that do not slip.
        basalt-mortar|Basalt Mortar and Pestle|3900|60|3200|kitchen|Grinds pepper, pesto and everything between; heavy enough to stay where it stands.
        birch-serving-tray|Birch Serving Tray|3200|90|850|kitchen,tableware|Pressed from one sheet of birch, with a rim that keeps the cups aboard.
        brass-bookmark|Brass Bookmark|900|500|40|office,gifts|A thin leaf of brass that ages as well as the books it marks.
        bristol-rain-jacket|Bristol Rain Jacket|8900|75|520|clothing,outdoors|Taped seams, a hood with a stiff brim and pockets that stay dry inside.
        cafe-au-lait-bowl|Café au Lait Bowl|1600|180|420|kitchen,tableware|A wide stoneware bowl for breakfast, glazed the colour of milky coffee.
        campfire-mug|Campfire Mug|1400|260|210|kitchen,outdoors|Enamelled steel with a blue rim; survives the fire, the fall and the dishwasher.
        canyon-water-bottle|Canyon Water Bottle|2600|240|380|outdoors,travel|Keeps tea hot for twelve hours or water cold for a day.
        cedar-shoe-rack|Cedar Shoe Rack|5600|40|4100|home|Three shelves of unvarnished cedar that smells of forest.
        chalk-wall-clock|Chalk Wall Clock|4300|55|1100|home,office|A quiet clock with a face you may write on.
        cloudberry-candle|Cloudberry Candle|1800|200|480|home,gifts|Burns for forty hours and smells of late summer in the north.
        cobalt-teapot|Cobalt Teapot|3700|70|980|kitchen,tableware|Cast iron, enamelled inside, with a strainer for leaf tea.
        compass-key-ring|Compass Key Ring|1200|350|60|accessories,outdoors|A liquid-filled compass that finds north, and your keys.
        cork-yoga-block|Cork Yoga Block|1500|160|700|sports|Firm, light and kind to the wrists; made of one piece of cork.
        cotton-hammock|Cotton Hammock|6400|35|2300|outdoors,garden|Woven for two, with ropes of three metres at either end.
        creme-brulee-set|Crème Brûlée Set|3400|65|1700|kitchen,gifts|Four porcelain dishes and a small torch for a crust that cracks.
        desert-sunglasses|Desert Sunglasses|5200|110|95|accessories,travel|Polarised lenses in a frame made from recycled fishing nets.
        dune-beach-towel|Dune Beach Towel|2900|140|620|home,travel|Flat-woven cotton that dries in an hour and shakes off sand.
        ember-fire-pit|Ember Fire Pit|14900|18|11800|garden,outdoors|A steel bowl that folds flat and burns almost without smoke.
        fern-plant-pot|Fern Plant Pot|2100|130|1600|garden,home|Unglazed terracotta that lets the roots breathe, with a saucer.
        field-notebook|Field Notebook|800|600|130|office,outdoors|Waterproof paper and a pencil that writes in the rain.
        flannel-shirt|Flannel Shirt|5900|95|410|clothing|Brushed cotton in a check of moss and rust.
        forest-puzzle|Forest Puzzle, 1000 Pieces|2300|85|760|toys,gifts|A thousand pieces and not two the same green.
        garden-kneeler|Garden Kneeler|2700|60|1900|garden|A thick pad on one side; turn it round and it is a bench.
        glacier-cooler|Glacier Cooler|11900|25|6400|outdoors,travel|Keeps ice for four days and carries two adults as a seat.
        granite-coasters|Granite Coasters, Set of 4|1700|170|1300|home,tableware|Cut from the ends of kitchen worktops, with cork below.
        harbour-wool-sweater|Harbour Wool Sweater|9900|50|780|clothing|Knitted from undyed wool, as fishermen wore them.
        hazel-walking-stick|Hazel Walking Stick|3300|45|540|outdoors|A straight hazel stem with a steel tip and a loop of leather.
        honeycomb-shelf|Honeycomb Shelf|4700|38|2600|home|Three hexagons of oak to hang in any order.
        indigo-apron|Indigo Apron|3100|105|450|kitchen,clothing|Japanese indigo that fades where you work, with a towel loop.
        island-hammock-chair|Island Hammock Chair|7900|22|3100|garden,home|Hangs from one hook and turns with the sun.
        jade-yoga-mat|Jade Yoga Mat|4500|115|1800|sports|Natural rubber, four millimetres, for hands that sweat.
        juniper-hand-soap|Juniper Hand Soap|1100|320|360|home|Made with spring water and juniper from the heath.
        kayak-dry-bag|Kayak Dry Bag|2500|125|430|outdoors,sports|Twenty litres that stay dry when all else does not.
        kite-of-silk|Kite of Silk|3600|48|240|toys,outdoors|Flies in a breath of wind and folds into its own tail.
        lantern-of-paper|Lantern of Paper|1300|210|180|lighting,home|Rice paper over bamboo; comes flat and opens like an accordion.
        larch-bird-house|Larch Bird House|2900|66|1500|garden|For tits and sparrows, with a front that opens for cleaning.
        linen-bed-sheet|Linen Bed Sheet|8400|58|1350|home|Stone-washed flax that is cool in summer and warm in winter.
        lunar-alarm-clock|Lunar Alarm Clock|5400|72|640|home,office|Wakes you with light and shows the phase of the moon.
        maple-chess-set|Maple Chess Set|7200|33|2100|toys,gifts|Pieces of maple and walnut that stand firmly on felt.
        marble-rolling-pin|Marble Rolling Pin|2600|77|2700|kitchen|Stays cool, so the butter in the dough does too.
        meadow-seed-mix|Meadow Seed Mix|700|800|90|garden,gifts|Thirty wild flowers for bees; enough for ten square metres.
        merino-socks|Merino Socks, 3 Pairs|2400|280|210|clothing,outdoors|Warm when wet, and fresh for longer than you would believe.
        mistral-desk-fan|Mistral Desk Fan|3800|92|1250|office,home|Three quiet speeds and a plug for USB.
        mocha-coffee-grinder|Mocha Coffee Grinder|6800|54|1050|kitchen|Steel burrs and a crank; thirty settings from espresso to press.
        nomad-backpack|Nomad Backpack|9400|68|1180|travel,accessories|Opens like a suitcase, carries like a rucksack and fits under the seat.
        oak-phone-stand|Oak Phone Stand|1500|230|190|office,accessories|One block of oak with a slot for the cable.
        olive-salad-servers|Olive Salad Servers|1900|145|230|kitchen,tableware|Cut from one branch, so the two always match.
        orchard-fruit-press|Orchard Fruit Press|12900|12|9200|kitchen,garden|Beech staves and a cast-iron screw; a basket of apples in ten minutes.
        pebble-speaker|Pebble Speaker|5900|130|340|audio,travel|A waterproof speaker that fits the palm and fills a room.
        pine-cone-diffuser|Pine Cone Diffuser|2000|98|300|home,gifts|Put three drops of oil on it and the room is a wood.
        quartz-pendant|Quartz Pendant|4100|82|35|accessories,gifts|Rough smoky quartz on a chain of silver.
        raven-headphones|Raven Headphones|15900|47|290|audio|Closed, comfortable for hours and repairable with one screwdriver.
        river-canoe-paddle|River Canoe Paddle|8800|20|920|sports,outdoors|Laminated ash with a tip that forgives stones.
        rope-dog-leash|Rope Dog Leash|2300|155|330|pets,outdoors|Climbing rope and a brass clip; floats, should you need it to.
        saffron-blanket|Saffron Blanket|7600|44|1400|home|Lambswool in the colour of the last light.
        sailor-cat-bed|Sailor Cat Bed|3500|61|1150|pets|A felt boat with a cushion; cats come aboard by themselves.
        skagen-bicycle-bell|Skagen Bicycle Bell|1600|190|110|sports,accessories|One clear note in brass that nobody mistakes.
        slate-cheese-board|Slate Cheese Board|2200|112|1900|kitchen,tableware|Write the names of the cheeses on it with the chalk inside.
        star-chart-poster|Star Chart Poster|1800|165|250|home,children|The northern sky, with stars that glow after the light is out.
        stoneware-dog-bowl|Stoneware Dog Bowl|2500|88|1600|pets|Heavy enough that dinner stays in one place.
        summit-head-torch|Summit Head Torch|4400|102|120|outdoors,lighting|Four hundred lumens, and a red light for reading maps.
        thistle-tea-towels|Thistle Tea Towels, Set of 3|1700|205|270|kitchen|Half linen, half cotton and fully absorbent.
        tundra-mittens|Tundra Mittens|3900|93|180|clothing,outdoors|Boiled wool outside and fleece inside, with a flap for the fingers.
        velvet-cushion|Velvet Cushion|2800|136|720|home|Cotton velvet in seven colours with a feather filling.
        violin-music-box|Violin Music Box|3000|57|390|toys,children|Turn the crank and it plays a waltz; stop and it waits.
        walnut-pen|Walnut Fountain Pen|6900|49|70|office,gifts|Turned from walnut, with a steel nib that suits either hand.
        whistling-kettle|Whistling Kettle|4600|63|1300|kitchen|Two litres, and two notes in harmony when it boils.
        willow-picnic-basket|Willow Picnic Basket|8200|27|3400|outdoors,travel|For four: plates, glasses, cutlery and a corner for the bottle.
        zephyr-wind-chime|Zephyr Wind Chime|2900|79|560|garden,home|Five tubes tuned to a scale without wrong notes.
        """
}

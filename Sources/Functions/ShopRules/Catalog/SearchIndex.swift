/// Finds products by words and beginnings of words.
///
/// Every word asked for must be found in a product. A whole word counts more than a beginning, the name more than the
/// categories, and those more than the description. Equal ones stay in the order they were given.
package struct SearchIndex: Sendable {
    private struct Term {
        var word: String
        var postings: [Posting]
    }

    private struct Posting {
        var product: Int
        var field: Field
    }

    private enum Field: Int {
        case description = 0
        case categories = 1
        case name = 2

        func score(isWhole: Bool) -> Int {
            switch (self, isWhole) {
            case (.name, true): 60
            case (.name, false): 40
            case (.categories, true): 25
            case (.categories, false): 15
            case (.description, true): 6
            case (.description, false): 3
            }
        }
    }

    /// Sorted by word, so that all words with one beginning stand together.
    private let terms: [Term]

    /// Takes the words of products; a product is its place in the list.
    package init(_ products: [ProductWords]) {
        var postings: [String: [Posting]] = [:]
        for (product, words) in products.enumerated() {
            for (field, list) in [
                (Field.name, words.name), (.categories, words.categories), (.description, words.description),
            ] {
                for word in Set(list) { postings[word, default: []].append(Posting(product: product, field: field)) }
            }
        }
        terms = postings.map { Term(word: $0.key, postings: $0.value) }.sorted { $0.word < $1.word }
    }

    /// The products in which every word is found, best first.
    package func matches(_ words: [String]) -> [Int] {
        guard let first = words.first else { return [] }
        var scores = self.scores(first)
        for word in words.dropFirst() {
            let more = self.scores(word)
            scores = scores.reduce(into: [:]) { kept, score in
                if let other = more[score.key] { kept[score.key] = score.value + other }
            }
        }
        return scores.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }.map(\.key)
    }

    /// The best score of each product for one word.
    private func scores(_ word: String) -> [Int: Int] {
        var scores: [Int: Int] = [:]
        for term in terms[firstIndex(notBefore: word)...] {
            guard term.word.hasPrefix(word) else { break }
            for posting in term.postings {
                let score = posting.field.score(isWhole: term.word.utf8.count == word.utf8.count)
                scores[posting.product] = max(scores[posting.product] ?? 0, score)
            }
        }
        return scores
    }

    private func firstIndex(notBefore word: String) -> Int {
        var low = 0
        var high = terms.count
        while low < high {
            let middle = (low + high) / 2
            if terms[middle].word < word { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

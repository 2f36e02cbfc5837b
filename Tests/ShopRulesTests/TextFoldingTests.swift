import ShopRules
import Testing

@Suite struct TextFoldingTests {
    @Test(arguments: [
        ("Crème Brûlée", "creme brulee"), ("CAFÉ", "cafe"), ("cafe\u{301}", "cafe"), ("Straße", "strasse"),
        ("Łódź", "lodz"), ("Ærø", "aero"), ("İstanbul", "istanbul"), ("日本語", "日本語"), ("", ""), ("Þór", "thor"),
    ])
    func folds(_ text: String, _ folded: String) {
        #expect(TextFolding.fold(text) == folded)
    }

    @Test(arguments: [
        ("Forest Puzzle, 1000 Pieces", ["forest", "puzzle", "1000", "pieces"]),
        ("  -- ", []), ("dog's", ["dogs"]), ("a/b\u{0}c", ["a", "b", "c"]), ("l’été", ["lete"]),
    ])
    func splitsIntoWords(_ text: String, _ words: [String]) {
        #expect(TextFolding.words(text) == words)
    }
}

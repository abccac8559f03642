package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTests {

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '`', textBlock = """
            select 'secret'                                    → select ?
            select 'it''s secret', 'secret'                    → select ?, ?
            select '', 1                                       → select ?, ?
            select E'a\\'secret', e'\\\\', x                   → select ?, ?, x
            select 'C:\\', 'secret'                            → select ?, ?
            select U&'\\0441secret', u&'x' uescape '!'         → select ?, ? uescape ?
            select B'101', x'1FF', N'secret'                   → select ?, ?, ?
            select date'2020-01-01', name'secret'              → select date?, name?
            select $$secret ' " /* $1 $$, 2                    → select ?, ?
            select $q$ $$ secret $x$ $q$ || a                  → select ? || a
            do $body$begin perform 'secret'; end$body$         → do ?
            select $1, $23, a$b$c from t                       → select $1, $23, a$b$c from t
            select * from t where a = ? and b in (?, ?)        → select * from t where a = ? and b in (?, ?)
            select 1, 23.5, .5, 1e10, 1.5E-3, 0xFF, 1_000, 5.  → select ?, ?, ?, ?, ?, ?, ?, ?
            select -1, a-1, a+2, 3-2                           → select -?, a-?, a+?, ?-?
            select c1, t2.c3 from s4.t2                        → select c1, t2.c3 from s4.t2
            select "a""b'c", "Größe", U&"d" from "T 1"         → select "a""b'c", "Größe", U&"d" from "T 1"
            select größe from straße                           → select größe from straße
            select 'schlüssel 😀 鍵', 鍵 from t                → select ?, 鍵 from t
            select data->>'name' from t where t @> '{"a":1}'   → select data->>? from t where t @> ?
            select e & 'secret'                                → select e & ?
            select e&'\\', 'secret'                            → select e&?, ?
            """)
    void literalsBecomeQuestionMarksAndNamesStay(String sql, String shown) {
        assertThat(SafeText.ofSql(sql)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '`', textBlock = """
            set app.tenant = secret                     → set app.tenant = ?
            SET LOCAL app.tenant TO secret, "secret"    → SET LOCAL app.tenant TO ?
            set a=secret-1; set b to $$;secret$$; end   → set a= ?; set b to ?; end
            alter role r set app.tenant = secret        → alter role r set app.tenant = ?
            alter table t rename to u                   → alter table t rename to u
            update t set a = b where c = d              → update t set a = b where c = d
            begin; set time zone 'secret'; select a = b → begin; set time zone ?; select a = b
            """)
    void theValueOfASettingIsHiddenWhateverItLooksLike(String sql, String shown) {
        assertThat(SafeText.ofSql(sql)).isEqualTo(shown);
    }

    @Test
    void aLiteralGoesOnBehindALineEnd() {
        assertThat(SafeText.ofSql("select E'x'\n 'it\\'s secret', 'other secret'"))
                .isEqualTo("select ?, ?");
        assertThat(SafeText.ofSql("select 'x' -- it's\r\n\t-- so\n'secret'\n'\\', a"))
                .isEqualTo("select ?, a");
        assertThat(SafeText.ofSql("select 'x'\n, a, 'secret'\n")).isEqualTo("select ? , a, ?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '`', textBlock = """
            select a -- secret                              → select a
            select a /* secret */ from t                    → select a from t
            select a/*x*/b                                  → select a b
            /* secret */ select a                           → select a
            select /* a /* nested */ 'secret' */ b          → select b
            select /* ' */ 'secret' /* ' */                 → select ?
            select '/*', 'secret', '*/', '--', a            → select ?, ?, ?, ?, a
            select "/*", a, "--"                            → select "/*", a, "--"
            select a / b * c - d                            → select a / b * c - d
            """)
    void commentsAreLeftOut(String sql, String shown) {
        assertThat(SafeText.ofSql(sql)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '`', textBlock = """
            insert into t values ('secr          → insert into t values (?
            insert into t values ('it''          → insert into t values (?
            insert into t values (E'secr\\       → insert into t values (?
            insert into t values ($$secr         → insert into t values (?
            insert into t values ($tag$secr$ta   → insert into t values (?
            insert into t values ($ta            → insert into t values ($ta
            insert into t /* secr                → insert into t
            insert into t /* a /* b */ secr      → insert into t
            insert into t -- secr                → insert into t
            insert into "t                       → insert into "t
            select 12                            → select ?
            select 1e                            → select ?
            """)
    void whatTheServerHasCutOffIsReadToItsEnd(String sql, String shown) {
        assertThat(SafeText.ofSql(sql)).isEqualTo(shown);
    }

    @Test
    void aLineCommentEndsWithItsLine() {
        assertThat(SafeText.ofSql("select a -- it's\n  , 'secret' --\r\nfrom t"))
                .isEqualTo("select a , ? from t");
    }

    @Test
    void whiteSpaceIsOneSpace() {
        assertThat(SafeText.ofSql("  select\n\t a \r\n from  t  ")).isEqualTo("select a from t");
    }

    @Test
    void everyCutOfAStatementHidesTheSecret() {
        String sql = "select E'a\\'top-secret', $b$top-secret$b$, 'x''top-secret' /* top-secret /* top-secret */ */ "
                + "-- top-secret\n, U&'top-secret', 'top-secret'";
        for (int length = 0; length <= sql.length(); length++) {
            assertThat(SafeText.ofSql(sql.substring(0, length))).doesNotContain("top", "secret");
        }
    }

    @Test
    void whatIsLongEndsInAnEllipsis() {
        String shown = SafeText.ofSql("select " + "a, ".repeat(1_000_000) + "b");

        assertThat(shown)
                .hasSize(SafeText.MAX_LENGTH)
                .startsWith("select a, a,")
                .endsWith("…");
        assertThat(SafeText.ofSql("x".repeat(SafeText.MAX_LENGTH))).isEqualTo("x".repeat(SafeText.MAX_LENGTH));
    }

    @Test
    void aCharacterOfTwoUnitsIsNotCutInHalf() {
        for (int i = 0; i < 2; i++) {
            String shown = SafeText.ofSql("a".repeat(i) + "😀".repeat(SafeText.MAX_LENGTH));

            assertThat(shown.length()).isBetween(SafeText.MAX_LENGTH - 1, SafeText.MAX_LENGTH);
            assertThat(shown).endsWith("😀…");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u001b", "\u0000", "\u0007", "\u007f", "\u009b", "\u202e", "\u200b", "\u2028", "\ud83d"})
    void whatSteersATerminalOrHidesIsReplaced(String character) {
        assertThat(SafeText.ofName("a" + character + "[31mb")).isEqualTo("a\uFFFD[31mb");
        assertThat(SafeText.ofSql("select \"a" + character + "[31mb\"")).isEqualTo("select \"a\uFFFD[31mb\"");
        assertThat(SafeText.ofSql("select a" + character + "b")).doesNotContain(character);
    }

    @Test
    void aLineEndInANameCannotBeginALineOfALog() {
        assertThat(SafeText.ofName("app\nERROR\rfake")).isEqualTo("app\uFFFDERROR\uFFFDfake");
        assertThat(SafeText.ofSql("select 1 as \"a\nERROR\"")).isEqualTo("select ? as \"a\uFFFDERROR\"");
    }

    @Test
    void aLongNameEndsInAnEllipsis() {
        assertThat(SafeText.ofName("n".repeat(1_000)))
                .hasSize(SafeText.MAX_LENGTH)
                .endsWith("n…");
        assertThat(SafeText.ofName("Größe 鍵 😀")).isEqualTo("Größe 鍵 😀");
    }
}

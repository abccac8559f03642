package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ConsoleTest
class ConsoleAccessibilityTests extends OnStage {

    @ParameterizedTest
    @CsvSource({"LIGHT, 1440", "DARK, 1440", "LIGHT, 375", "DARK, 375"})
    void axeFindsNothingWithRowsOpenNorInADialog(ColorScheme scheme, int width) throws Exception {
        stage.begin("idle-in-transaction", 1);
        stage.begin("lock-wait", 1);
        stage.begin("second-connection", 1);
        stage.begin("forgotten-connection", 1);
        stage.begin("exhaustion", 2);
        try (ConsolePage console = ConsolePage.on(browser, width, 900, scheme).open(port)) {
            assertThat(console.at("#chains > ul")).hasCount(1);
            assertThat(console.at("#incidents")).containsText("Forgotten");
            console.rows().first().locator(".unfold").click();
            console.at("#sites .unfold").first().click();
            console.at("#charts-as-table summary").click();
            console.at("#settings-summary").click();
            assertThatAxeFindsNothing(console);

            console.at("#operations [data-operation=reset]").click();
            assertThat(console.dialog()).isVisible();
            assertThatAxeFindsNothing(console);
        }
    }

    private static void assertThatAxeFindsNothing(ConsolePage console) {
        assertThat(new AxeBuilder(console.page()).analyze().getViolations())
                .extracting(rule -> rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes())
                .isEmpty();
    }
}

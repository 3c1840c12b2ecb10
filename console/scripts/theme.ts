// The look of Lensmith as overrides of Cloudscape's tokens; vite.config.ts turns it into a style
// sheet when it builds, because a style element made at run time would break the content policy.
import { generateThemeStylesheet, type Theme } from "@cloudscape-design/components/theming";

const theme: Theme = {
  referenceTokens: {
    color: {
      primary: {
        50: "#eef2ff",
        100: "#dde6ff",
        200: "#bfcfff",
        300: "#97b2ff",
        400: "#7899ff",
        500: "#5279f5",
        600: "#2c54df",
        1000: "#0b1538",
      },
    },
  },
  tokens: {
    borderRadiusButton: "8px",
    borderRadiusContainer: "12px",
    borderRadiusAlert: "10px",
    borderRadiusFlashbar: "10px",
    borderRadiusTiles: "10px",
    fontWeightButton: "600",
    colorBackgroundLayoutMain: { light: "#fafbfd", dark: "#10141f" },
    colorBackgroundLayoutPanel: { light: "#ffffff", dark: "#141927" },
    colorBackgroundContainerContent: { light: "#ffffff", dark: "#171d2c" },
    colorBackgroundContainerHeader: { light: "#ffffff", dark: "#171d2c" },
  },
  contexts: {
    "top-navigation": {
      tokens: {
        colorBackgroundContainerContent: { light: "#0d1326", dark: "#0b0f1b" },
      },
    },
  },
};

export default generateThemeStylesheet({ theme });

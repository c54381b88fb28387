// On a narrow screen a pipeline is looked at, not edited: the panels are away, nothing can change.
import { useMediaQuery } from "@mantine/hooks";
import { useEffect } from "react";
import { useEditor } from "../editor/store";

export function useSmallScreen(isReady: boolean, isRunView: boolean): boolean {
  const isSmall = useMediaQuery("(max-width: 719px)", false, { getInitialValueInEffect: false });
  useEffect(() => {
    if (isReady) useEditor.setState({ isReadOnly: isSmall || isRunView });
  }, [isReady, isSmall, isRunView]);
  return isSmall;
}

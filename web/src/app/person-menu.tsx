// In a team: who is signed in here, with which role, and the way out.
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { LogOut, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { me, signOut } from "../shared/me";

export function PersonMenu() {
  const { t } = useTranslation();
  const { data: person } = useQuery(me);
  if (person?.mode !== "team") return null;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<UserRound size={16} aria-hidden />}
          aria-label={t("person.label", { name: person.name })}
        >
          {person.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(`person.role_${person.role}`)}</Menu.Label>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => void signOut()}>
          {t("person.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

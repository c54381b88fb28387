// Who is signed in, and what they may do.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "../api/client";

type Permission = Schemas["Me"]["permissions"][number];

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: () => data(api.GET("/api/v1/me")),
  staleTime: 60_000,
});

/** True until it is known to be otherwise: the server has the last word. */
export function useMay(permission: Permission): boolean {
  const { data: person } = useQuery(me);
  return person?.permissions.includes(permission) ?? true;
}

/** End this browser's session; what comes next is the page to sign in by. */
export async function signOut(): Promise<void> {
  await api.DELETE("/api/v1/session");
  location.assign("/");
}
